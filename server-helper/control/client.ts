import { connect } from 'node:net';
import { Problem } from '../../src/base/problem.ts';
import { noAnswer, notRunning, socketForbidden } from '../problems.ts';
import type { ControlAnswer, ControlRequest } from './protocol.ts';

/** Longest wait, in milliseconds. */
const PATIENCE = 30_000;
/** Longest wait for a reload with many clients on a busy machine. One that hangs ends sooner: the watchdog ends its daemon. */
const PATIENCE_WITH_RELOAD = 300_000;

/**
 * Asks the running daemon.
 * @returns its result
 * @throws Problem `not-running`, `control-forbidden`, or the daemon's own
 */
export function askDaemon(path: string, request: ControlRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(request.command === 'reload' ? PATIENCE_WITH_RELOAD : PATIENCE, () => {
      socket.destroy();
      reject(noAnswer(path));
    });
    socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EACCES' || error.code === 'EPERM' ? socketForbidden(path) : notRunning(path));
    });
    socket.once('end', () => {
      socket.destroy();
      if (text === '') {
        reject(notRunning(path));
        return;
      }
      try {
        const answer: ControlAnswer = JSON.parse(text);
        if (answer.ok) resolve(answer.result);
        else reject(new Problem(answer.error));
      } catch {
        // The daemon ended while it answered.
        reject(notRunning(path));
      }
    });
  });
}

/**
 * Asks the daemon, if one runs that may be asked.
 * @returns whether it was asked
 */
export async function tellDaemon(path: string, request: ControlRequest): Promise<boolean> {
  try {
    await askDaemon(path, request);
    return true;
  } catch (error) {
    if (error instanceof Problem && ['not-running', 'control-forbidden'].includes(error.text.code)) return false;
    throw error;
  }
}
