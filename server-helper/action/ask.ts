import { connect } from 'node:net';
import { type ActionResult, LONGEST_LINE, parseResult } from './request.ts';

/**
 * Asks the unit behind a socket to run an action or an alert. Never rejects.
 * @param request a line, with its end
 * @param patienceMs longest wait for an answer
 */
export function askUnit(path: string, request: string, patienceMs: number): Promise<ActionResult> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = '';
    let isAsked = false;
    const unanswered = (why: string) => done({ kind: 'unanswered', why });
    const done = (result: ActionResult): void => {
      resolve(result);
      socket.destroy();
    };
    socket.setEncoding('utf8').setTimeout(patienceMs, () => unanswered('no answer came in time'));
    socket.on('error', ({ message }) => (isAsked ? unanswered(message) : done({ kind: 'refused', why: message })));
    socket.on('data', (chunk) => {
      text = `${text}${chunk}`.slice(0, LONGEST_LINE);
      const end = text.indexOf('\n');
      if (end >= 0) done(parseResult(text.slice(0, end)) ?? { kind: 'unanswered', why: 'the answer is none' });
    });
    socket.on('end', () => unanswered('no answer came: see the journal of knockgate-action@'));
    socket.on('connect', () => {
      isAsked = true;
    });
    socket.write(request);
  });
}
