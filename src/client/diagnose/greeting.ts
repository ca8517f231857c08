import type { Socket } from 'node:net';

/** Reads a server's greeting, and closes the connection without a reset. */
export type ReadGreeting = (socket: Socket, withinMs: number) => Promise<string | undefined>;

/** More bytes than any server sends before it names itself. */
const MOST_BYTES = 8192;

/**
 * The line by which an SSH server names itself (RFC 4253, section 4.2; others may come before it), without what a
 * terminal would obey. Ends the connection as one that has changed its mind: no reset, nothing sent.
 * @returns undefined when no such line comes in time
 */
export const readGreeting: ReadGreeting = (socket, withinMs) =>
  new Promise((resolve) => {
    let heard = '';
    const finish = (greeting: string | undefined) => {
      clearTimeout(timer);
      socket.removeAllListeners('data');
      // The rest is discarded, until the server ends its side too.
      socket.resume();
      socket.end();
      setTimeout(() => socket.destroy(), LEAVE_WITHIN_MS).unref();
      resolve(greeting);
    };
    const timer = setTimeout(() => finish(undefined), withinMs);
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1');
      const line = /^(SSH-[\x20-\x7e]{1,250})\r?\n/m.exec(heard)?.[1];
      if (line !== undefined || heard.length > MOST_BYTES) finish(line);
    });
    socket.once('end', () => finish(undefined));
    socket.once('error', () => finish(undefined));
    socket.once('close', () => finish(undefined));
  });

const LEAVE_WITHIN_MS = 500;
