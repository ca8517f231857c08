import { connect, createServer, type Server } from 'node:net';

/** Passes connections to a port of loopback on to a socket in a folder, which every namespace of this machine sees. */
export function forward(port: number, socket: string): Promise<Server> {
  const server = createServer((near) => {
    const far = connect(socket);
    near.pipe(far).pipe(near);
    // When one end breaks, the other one is closed.
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
