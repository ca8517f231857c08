import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { cancelled, connectionLost } from '../client/problems.ts';
import { systemErrorCode } from '../client/system-error.ts';

/**
 * Carries a connection: input to socket, socket to output, each at the pace of its reader. The end of one direction is
 * passed on while the other goes on. Ends when the server's side is closed and written out, or nobody reads the output.
 * @param socket open for half-closing
 * @throws Problem `connection-lost` when the connection breaks, `cancelled` when the signal aborts
 */
export function carry(
  host: string,
  input: Readable,
  socket: Socket,
  output: Writable,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let written = false;
    let closed = false;
    const finish = (error?: Error) => {
      signal.removeEventListener('abort', cancel);
      input.unpipe(socket);
      input.destroy();
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    const cancel = () => finish(cancelled(host));
    const whenDone = () => {
      if (written && closed) finish();
    };
    signal.addEventListener('abort', cancel);
    socket.on('error', (error) => finish(connectionLost(host, systemErrorCode(error) ?? 'unknown')));
    socket.on('close', () => {
      closed = true;
      whenDone();
    });
    output.on('finish', () => {
      written = true;
      whenDone();
    });
    // Whoever read the output has gone: an ordinary end, as for any filter.
    output.on('error', () => finish());
    // An input that breaks has ended.
    input.on('error', () => socket.end());
    input.pipe(socket);
    socket.pipe(output, { end: false });
    // Not left to pipe, which never ends `process.stdout`.
    socket.on('end', () => output.end());
    if (socket.destroyed) finish(connectionLost(host, 'ECONNRESET'));
    else if (signal.aborted) cancel();
  });
}
