import { parseAddress } from '../base/addresses.ts';
import { type Phrase, phrase } from '../base/phrase.ts';
import { parsePortNumber } from '../base/ports.ts';
import { quote } from '../base/printable.ts';
import { badText, ExitCode, Problem } from '../base/problem.ts';
import { formatKey, parsePublicKey } from './keys.ts';
import { SLOTS } from './tags.ts';

/** A gate as a client knows it: what its enrolment line says. */
export interface GateEnrolment {
  readonly key: Uint8Array;
  /** Single-use tags for each client and epoch. */
  readonly slots: number;
  /** Addresses or host names to knock at. */
  readonly addresses: readonly string[];
  /** UDP ports to knock at, in order of preference. */
  readonly knockPorts: readonly number[];
  readonly name: string;
}

/** A client as a gate knows it. */
export interface ClientEnrolment {
  readonly key: Uint8Array;
  readonly name: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/;
const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const HOST = new RegExp(`^(?=.{1,253}$)(?:${LABEL}\\.)*${LABEL}\\.?$`);
// Resolvers read such names as addresses, each in its own way: "010.1" is 8.0.0.1 to some.
const ENDS_IN_NUMBER = /(?:^|\.)(?:[0-9]+|0[xX][0-9A-Fa-f]*)\.?$/;

/** Whether a value is a name of a gate or a client, as `parseName` reads it. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

/**
 * Reads a name of a gate or a client: letters, digits and `. _ @ -`, at most 63 characters. It is this narrow because names
 * are printed in terminals and written into firewall comments.
 * @throws Problem `bad-text`
 */
export function parseName(text: string, field: Phrase | string = phrase('name')): string {
  if (!isName(text))
    throw badText(field, text, phrase('a name of letters, digits and ". _ @ -", at most 63 characters'));
  return text;
}

/**
 * Reads a host name or an address.
 * @throws Problem `bad-text`
 */
export function parseHost(text: string, field: Phrase | string = phrase('address')): string {
  const isName = HOST.test(text) && !ENDS_IN_NUMBER.test(text);
  if (!isName && parseAddress(text) === undefined)
    throw badText(field, text, phrase('a host name, an IPv4 or an IPv6 address'));
  return text;
}

/** `knockgate1 gate KEY SLOTS ADDRESS[,ADDRESS] KNOCKPORT[,KNOCKPORT] NAME` */
export function formatGateLine(gate: GateEnrolment): string {
  const { key, slots, addresses, knockPorts, name } = gate;
  return `knockgate1 gate ${formatKey(key)} ${slots} ${addresses.join(',')} ${knockPorts.join(',')} ${name}`;
}

/** `knockgate1 client KEY NAME` */
export function formatClientLine({ key, name }: ClientEnrolment): string {
  return `knockgate1 client ${formatKey(key)} ${name}`;
}

/**
 * Reads a gate's line as somebody pasted it: any white space may be around and between the words.
 * @throws Problem `bad-text` that names the field
 */
export function parseGateLine(line: string): GateEnrolment {
  const [key = '', slots = '', addresses = '', knockPorts = '', name = ''] = wordsOf(line, 'gate', 5);
  if (!/^[1-9][0-9]?$/.test(slots) || Number(slots) < SLOTS.least || Number(slots) > SLOTS.most)
    throw badText('slots', slots, phrase('a number from {0} to {1}', SLOTS.least, SLOTS.most));
  return {
    key: parsePublicKey(key, phrase('gate key')),
    slots: Number(slots),
    addresses: addresses.split(',').map((address) => parseHost(address)),
    knockPorts: knockPorts.split(',').map((port) => parsePortNumber(port, phrase('knock port'))),
    name: parseName(name, phrase('gate name')),
  };
}

/**
 * Reads a client's line, as pasted.
 * @throws Problem `bad-text` that names the field
 */
export function parseClientLine(line: string): ClientEnrolment {
  const [key = '', name = ''] = wordsOf(line, 'client', 2);
  return { key: parsePublicKey(key, phrase('client key')), name: parseName(name, phrase('client name')) };
}

function wordsOf(line: string, kind: 'gate' | 'client', count: number): string[] {
  const [version, found, ...words] = line.trim().split(/\s+/);
  if (version !== 'knockgate1') {
    // The error does not quote the text: somebody may have pasted a private key by mistake.
    throw new Problem({
      code: 'bad-text',
      what: phrase('enrolment line: this is none.'),
      next: phrase('Expected a line that begins "knockgate1 {0}".', kind),
      exit: ExitCode.usage,
    });
  }
  if (found !== kind) {
    const hint =
      kind === 'gate'
        ? phrase('`knockgated key` prints it on the gate')
        : phrase('`knockgate pubkey` prints it on the client');
    throw badText(phrase('enrolment line'), line, phrase('a line that begins "knockgate1 {0}": {1}', kind, hint));
  }
  if (words.length !== count) throw notWhole(kind, line);
  return words;
}

/** The error for a line with too few or too many words: pasted lines are often cut off, or have a prompt behind them. */
function notWhole(kind: 'gate' | 'client', line: string): Problem {
  const next =
    kind === 'gate'
      ? phrase(
          'That is not the whole line. Behind "knockgate1 gate" come key, slots, addresses, ports and name: copy it again from `sudo knockgated key`.',
        )
      : phrase(
          'That is not the whole line. Behind "knockgate1 client" come key and name: copy it again from `knockgate pubkey`, or in the editor with "Knockgate: Copy Public Key".',
        );
  return new Problem({
    code: 'bad-text',
    what: phrase('enrolment line: {0} has too few words, or too many.', quote(line)),
    next,
    exit: ExitCode.usage,
  });
}
