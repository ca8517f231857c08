import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { ExitCode, Problem } from '../../src/base/problem.ts';
import { alreadyRunning, fileUnwritable, reasonOf } from '../problems.ts';
import { type ControlAnswer, type ControlRequest, LONGEST_LINE, parseRequest } from './protocol.ts';

/** Answers a request. A Problem that it throws goes to the subcommand. */
export type ControlHandler = (request: ControlRequest) => Promise<unknown>;

/**
 * Listens for the subcommands on a Unix socket that only its owner and group may use.
 * @throws Problem `already-running` when a daemon answers there
 */
export async function listenForControl(path: string, handler: ControlHandler): Promise<Server> {
  if (await answers(path)) throw alreadyRunning(path);
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket, handler));
  // The socket is made with these rights: otherwise others could connect before they are set.
  const before = process.umask(0o117);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(fileUnwritable(path, error)));
      server.listen(path, resolve);
    });
  } finally {
    process.umask(before);
  }
  // Without file descriptors, for example, the subcommand gets no answer, and the gate goes on.
  server.on('error', () => {});
  return server;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Refused: a dead daemon left the socket. Missing: the usual case.
    socket.once('error', () => resolve(false));
  });
}

function serve(socket: Socket, handler: ControlHandler): void {
  let text = '';
  socket.setEncoding('utf8').setTimeout(10_000, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  const onData = (chunk: string): void => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= LONGEST_LINE) return;
    socket.off('data', onData).setTimeout(0);
    void answer(text.slice(0, Math.max(end, 0)), handler).then((reply) => socket.end(`${JSON.stringify(reply)}\n`));
  };
  socket.on('data', onData);
}

async function answer(line: string, handler: ControlHandler): Promise<ControlAnswer> {
  try {
    return { ok: true, result: await handler(parseRequest(line)) };
  } catch (error) {
    if (error instanceof Problem) return { ok: false, error: error.text };
    return { ok: false, error: { code: 'fault', what: reasonOf(error), exit: ExitCode.fault } };
  }
}
