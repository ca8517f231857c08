import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { systemErrorCode } from '../../os/system-error.ts';

/** How a carried connection ended. */
export type Carried =
  /** The server closed it and everything was written, or nobody reads the output any more. */
  | { readonly kind: 'ended' }
  /** The connection broke; the system's error code. */
  | { readonly kind: 'lost'; readonly code: string }
  | { readonly kind: 'aborted' };

/**
 * Carries a connection: input to socket, socket to output, each at the pace of its reader. The end of one direction is passed on
 * while the other goes on. Never rejects.
 * @param socket open for half-closing
 * @param platform on Windows the connection is over when the server has ended it: a process cannot close its standard output there
 * (libuv keeps the system's handle), so that its reader sees the end when the process ends
 */
export function carry(
  input: Readable,
  socket: Socket,
  output: Writable,
  signal: AbortSignal,
  platform: NodeJS.Platform = process.platform,
): Promise<Carried> {
  return new Promise((resolve) => {
    let written = false;
    let closed = false;
    const finish = (end: Carried) => {
      signal.removeEventListener('abort', cancel);
      input.unpipe(socket);
      input.destroy();
      socket.destroy();
      resolve(end);
    };
    const cancel = () => finish({ kind: 'aborted' });
    const whenDone = () => {
      if (written && (closed || platform === 'win32')) finish({ kind: 'ended' });
    };
    signal.addEventListener('abort', cancel);
    socket.on('error', (error) => finish({ kind: 'lost', code: systemErrorCode(error) ?? 'unknown' }));
    socket.on('close', () => {
      closed = true;
      whenDone();
    });
    output.on('finish', () => {
      written = true;
      whenDone();
    });
    // The reader of the output has gone: a normal end, as for any filter.
    output.on('error', () => finish({ kind: 'ended' }));
    // A broken input counts as ended.
    input.on('error', () => socket.end());
    input.pipe(socket);
    socket.pipe(output, { end: false });
    // pipe never ends `process.stdout`, so this does.
    socket.on('end', () => output.end());
    if (socket.destroyed) finish({ kind: 'lost', code: 'ECONNRESET' });
    else if (signal.aborted) cancel();
  });
}
