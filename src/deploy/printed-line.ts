import { type Phrase, phrase } from '../base/phrase.ts';
import { Problem } from '../base/problem.ts';
import { othersThan, refuseKnownKey } from '../client/gate/known-gates.ts';
import { type GateEnrolment, parseGateLine } from '../spa/enrolment.ts';
import type { Device } from './device.ts';
import { answerNotUnderstood, lineOfAnother } from './problems.ts';

/** Facts that the line of a gate must match. */
export interface Expected {
  readonly host: string;
  /** Address by which ssh reaches the server: the gate was told to name only this one. */
  readonly address: string;
  /** Name that the gate was given. */
  readonly gateName: string;
}

/**
 * Reads the line that a server printed, and refuses one that is about another server. A compromised server could print the line of
 * another gate: knocks for that gate would then go to the server, which could forward them.
 * @param title what the server was asked to do
 * @throws Problem `line-of-another`, `gate-key-known`, `answer-not-understood`
 */
export function readPrintedLine(
  text: string,
  { host, address, gateName }: Expected,
  device: Pick<Device, 'gates'>,
  title: Phrase = phrase('Ask for the key of the gate'),
): GateEnrolment {
  const gate = parsed(text, host, title);
  const [only, ...more] = gate.addresses;
  if (only !== address || more.length > 0 || gate.name !== gateName) throw lineOfAnother(host, gate);
  refuseKnownKey({ name: host, gate, address }, othersThan(host, device.gates));
  return gate;
}

/** Reads the line. An invalid one is here the server's fault, not a usage error of a person who pastes it. */
function parsed(text: string, host: string, title: Phrase): GateEnrolment {
  try {
    return parseGateLine(text);
  } catch (error) {
    throw error instanceof Problem ? answerNotUnderstood(host, title, text) : error;
  }
}
