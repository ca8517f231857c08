import { connect } from 'node:net';
import { utf8 } from '../../src/base/bytes.ts';
import { fieldsOf, listOfFields, numberOrZero, parseJson } from '../../src/base/loose-json.ts';
import { oneLine } from '../../src/base/printable.ts';
import { formatParcel, type Parcel } from '../../src/fleet/parcel.ts';

/** Bytes of the longest answer. */
const LONGEST_ANSWER = 1024 * 1024;
/** Milliseconds. A daemon that verifies thousands of devices on a busy machine takes seconds. */
const PATIENCE = 60_000;

/** The daemon's answer to a parcel. */
export type Verdict =
  | { readonly isTaken: true; readonly root: number; readonly head: number; readonly alarms: readonly string[] }
  | { readonly isTaken: false; readonly why: string };

/**
 * Hands a parcel to the daemon: its length in four bytes, then its text.
 * @throws Error when the daemon gave no answer that is understood
 */
export function handOver(socketPath: string, parcel: Parcel, patience = PATIENCE): Promise<Verdict> {
  const text = utf8(formatParcel(parcel));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let answer = '';
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(`the daemon at ${socketPath} ${why}`));
    };
    const clock = setTimeout(() => fail(`gave no answer within ${patience / 1000} s`), patience);
    socket.on('close', () => clearTimeout(clock));
    socket.once('error', (error) => fail(`gave no answer: ${error.message}`));
    socket.once('connect', () => {
      socket.write(length);
      socket.write(text);
    });
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
      if (answer.length > LONGEST_ANSWER) fail('gave an answer that is too long');
    });
    socket.once('end', () => {
      const verdict = verdictOf(answer);
      if (verdict === undefined) return fail('gave an answer that is not understood');
      socket.destroy();
      resolve(verdict);
    });
  });
}

function verdictOf(answer: string): Verdict | undefined {
  const { ok, root, head, alarms, error } = fieldsOf(parseJson(answer));
  const { code, message } = fieldsOf(error);
  if (ok === false) return { isTaken: false, why: oneLine(`${String(code)}: ${String(message)}`, 300) };
  if (ok !== true) return undefined;
  const said = listOfFields(alarms).map(
    (each) => `${String(each.code)}, ${String(each.document)}: ${String(each.why)}`,
  );
  const shown = said.slice(0, 20).map((each) => oneLine(each, 300));
  return { isTaken: true, root: numberOrZero(root), head: numberOrZero(head), alarms: shown };
}
