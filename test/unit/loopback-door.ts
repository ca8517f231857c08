import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP port on loopback. */
export interface Door {
  readonly port: number;
  /** Takes connections from now on. */
  open(): Promise<void>;
}

/**
 * A port that refuses connections until it is opened, as a server does when it has heard a knock.
 * @param greeting sent to each connection, which then ends
 */
export async function loopbackDoor(greeting = 'SSH-2.0-x\r\n'): Promise<Door> {
  const server = createServer((socket: Socket) => socket.on('error', () => {}).end(greeting));
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  const { port } = address;
  await new Promise((resolve) => server.close(resolve));
  onTestFinished(() => void server.close());
  let opening: Promise<void> | undefined;
  return {
    port,
    open: () => {
      opening ??= listen(port);
      return opening;
    },
  };
}
