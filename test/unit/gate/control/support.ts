import { once } from 'node:events';
import { connect } from 'node:net';

/** Writes raw bytes to a control socket and gives back all that comes. */
export async function raw(path: string, ...chunks: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect(path).setEncoding('utf8');
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  await once(socket, 'connect');
  for (const chunk of chunks) {
    socket.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await once(socket, 'close');
  return text;
}
