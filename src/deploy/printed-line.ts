import { type Phrase, phrase } from '../base/phrase.ts';
import { Problem } from '../base/problem.ts';
import { othersThan, refuseKnownKey } from '../client/gate/known-gates.ts';
import { type GateEnrolment, parseGateLine } from '../spa/enrolment.ts';
import type { Device } from './device.ts';
import { answerNotUnderstood, lineOfAnother } from './problems.ts';

/** Facts that the line of a gate must match. */
export interface Expected {
  readonly host: string;
  /** Where ssh reaches the server: the gate was told to name this one alone. */
  readonly address: string;
  /** Name that the gate was given. */
  readonly gateName: string;
}

/**
 * Reads the line that a server printed, and refuses one that is about another server. A server that was broken into could
 * print the line of another gate: knocks meant for that one would then be sent to the server, which could hand them on.
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

/** For a person who pastes a line, one that is none is a wrong use; here the server is at fault. */
function parsed(text: string, host: string, title: Phrase): GateEnrolment {
  try {
    return parseGateLine(text);
  } catch (error) {
    throw error instanceof Problem ? answerNotUnderstood(host, title, text) : error;
  }
}
