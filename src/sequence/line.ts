import { phrase } from '../base/phrase.ts';
import { formatPort, parsePort, type RequestedPort } from '../base/ports.ts';
import { badText } from '../base/problem.ts';
import { parseHost, parseName } from '../spa/enrolment.ts';
import { formatStep, parseStep, type SequenceStep } from './step.ts';

/** A fixed sequence as a client knows it: what its line says. */
export interface SequenceLine {
  /** Where to knock: an address or a host name. */
  readonly address: string;
  readonly steps: readonly SequenceStep[];
  /** Ports that it opens. */
  readonly ports: readonly RequestedPort[];
  readonly name: string;
}

/** `knockgate1 sequence ADDRESS STEP[,STEP] PORT[,PORT] NAME` */
export function formatSequenceLine({ address, steps, ports, name }: SequenceLine): string {
  return `knockgate1 sequence ${address} ${steps.map(formatStep).join(',')} ${ports.map(formatPort).join(',')} ${name}`;
}

/** Whether a text begins as the line of a sequence does. */
export function isSequenceLine(text: string): boolean {
  return /^\s*knockgate1\s+sequence(\s|$)/.test(text);
}

/**
 * Reads a line as somebody pasted it: any white space may be around and between the words.
 * @throws Problem `bad-text` that names the field
 */
export function parseSequenceLine(line: string): SequenceLine {
  const [, , address = '', steps = '', ports = '', name = '', ...rest] = line.trim().split(/\s+/);
  if (name === '' || rest.length > 0)
    throw badText(
      phrase('enrolment line'),
      line,
      phrase(
        'address, steps, ports and name behind "{0}": copy it again from `sudo knockgated sequence`',
        'knockgate1 sequence',
      ),
    );
  return {
    address: parseHost(address),
    steps: steps.split(',').map((step) => parseStep(step)),
    ports: ports.split(',').map((port) => parsePort(port)),
    name: parseName(name),
  };
}
