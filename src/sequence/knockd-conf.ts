import type { Family } from '../base/addresses.ts';
import type { Note } from '../base/notes.ts';
import { phrase } from '../base/phrase.ts';
import type { RequestedPort } from '../base/ports.ts';
import { parsePort } from '../base/ports.ts';
import { Problem } from '../base/problem.ts';

/** A value of knockd.conf, and its line, from 1. */
export interface KnockdEntry {
  readonly value: string;
  readonly line: number;
  /** The key's name in the file, in small letters: some keys have two names. */
  readonly key: string;
}

/** A section of knockd.conf. Its keys are in small letters; a key with two names has the first of them. */
export interface KnockdSection {
  readonly name: string;
  readonly line: number;
  readonly entries: ReadonlyMap<string, KnockdEntry>;
}

/** Second names of keys, with the first ones. */
const ALIASES = new Map([
  ['timeout', 'seq_timeout'],
  ['command', 'start_command'],
  ['command_6', 'start_command_6'],
]);

/** knockd's defaults, in seconds. */
export const KNOCKD_DEFAULTS = { seqTimeout: 25, cmdTimeout: 10 } as const;

/** Reads a knockd.conf (knockd(1), "CONFIGURATION"). Faults become notes. */
export function readKnockdConf(text: string, note: Note): KnockdSection[] {
  const sections: (KnockdSection & { entries: Map<string, KnockdEntry> })[] = [];
  for (const [i, written] of text.split(/\r?\n/).entries()) {
    const line = i + 1;
    const trimmed = written.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const header = /^\[(.+)\]$/.exec(trimmed)?.[1];
    const [keyText = '', ...value] = trimmed.split('=');
    // knockd ignores the case of keys, and some keys have no value.
    const key = keyText.trim().toLowerCase();
    const name = ALIASES.get(key) ?? key;
    const section = sections.at(-1);
    if (header !== undefined) sections.push({ name: header.trim(), line, entries: new Map() });
    else if (section === undefined) note(line, phrase('is outside any section, and is left out'));
    else {
      if (section.entries.has(name))
        note(line, phrase('{0} is set twice in [{1}]: the last one counts', key, section.name));
      section.entries.set(name, { value: value.join('=').trim(), line, key });
    }
  }
  return sections;
}

/** Whether a section is about knockd itself. */
export function isOptions({ name }: KnockdSection): boolean {
  return name.toLowerCase() === 'options';
}

/** The command that a door runs for an address of a family. Without a command for IPv6, that for IPv4 runs. */
export function startCommand({ entries }: KnockdSection, family: Family): KnockdEntry | undefined {
  return (family === 'ipv6' ? entries.get('start_command_6') : undefined) ?? entries.get('start_command');
}

/** Reads a whole number as C does, up to the first character that is not a digit: `15 # seconds` is 15, and `never` is 0. */
export function leadingNumber(text: string): number {
  return Math.trunc(Number(/^\s*([+-]?[0-9]{1,12})/.exec(text)?.[1] ?? 0));
}

/** Reads `7000`, `7000:tcp` or `8000:udp`, as knock(1) writes a step; undefined for anything else. */
export function parseKnockdStep(text: string): RequestedPort | undefined {
  const [, port, protocol = 'tcp'] = /^([0-9]+)(?::(tcp|udp))?$/i.exec(text) ?? [];
  try {
    return parsePort(`${protocol.toLowerCase()}/${port}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return undefined;
  }
}

/** Reads a step of a `sequence`. It reads the number as knockd does: `8493 # mine` is 8493. */
export function sequenceStep(text: string): RequestedPort | undefined {
  const [port = '', ...rest] = text.split(':');
  return parseKnockdStep([leadingNumber(port), ...rest.map((protocol) => protocol.trim())].join(':'));
}
