import { connect } from 'node:net';
import { type ActionRequest, type ActionResult, formatRequest, LONGEST_LINE, parseResult } from './request.ts';

/**
 * Has the unit behind a socket run an action. Never rejects.
 * @param patienceMs after which an answer is not waited for any more
 */
export function askForAction(path: string, request: ActionRequest, patienceMs: number): Promise<ActionResult> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = '';
    const done = (result: ActionResult): void => {
      resolve(result);
      socket.destroy();
    };
    socket.setEncoding('utf8').setTimeout(patienceMs, () => done({ kind: 'refused', why: 'no answer came in time' }));
    socket.on('error', ({ message }) => done({ kind: 'refused', why: message }));
    socket.on('data', (chunk) => {
      text = `${text}${chunk}`.slice(0, LONGEST_LINE);
      const end = text.indexOf('\n');
      if (end >= 0) done(parseResult(text.slice(0, end)) ?? { kind: 'refused', why: 'the answer is none' });
    });
    socket.on('end', () => done({ kind: 'refused', why: 'no answer came: see the journal of knockgate-action@' }));
    socket.write(formatRequest(request));
  });
}
