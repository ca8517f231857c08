import type { Note } from '../spa/notes.ts';
import type { RequestedPort } from '../spa/payload.ts';
import { phrase } from '../spa/phrase.ts';
import { parsePort } from '../spa/ports.ts';
import { Problem } from '../spa/problem.ts';

/** A value of knockd.conf, and the line that it stands in, from 1. */
export interface KnockdEntry {
  readonly value: string;
  readonly line: number;
}

/** A section of knockd.conf; its keys are in small letters. */
export interface KnockdSection {
  readonly name: string;
  readonly line: number;
  readonly entries: ReadonlyMap<string, KnockdEntry>;
}

/** Reads a knockd.conf (knockd(1), "CONFIGURATION"), whatever is in it. */
export function readKnockdConf(text: string, note: Note): KnockdSection[] {
  const sections: (KnockdSection & { entries: Map<string, KnockdEntry> })[] = [];
  for (const [i, written] of text.split(/\r?\n/).entries()) {
    const line = i + 1;
    const trimmed = written.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const header = /^\[(.+)\]$/.exec(trimmed)?.[1];
    const [keyText = '', ...value] = trimmed.split('=');
    // knockd reads its keys in any case; some have no value.
    const key = keyText.trim().toLowerCase();
    const section = sections.at(-1);
    if (header !== undefined) sections.push({ name: header.trim(), line, entries: new Map() });
    else if (section === undefined) note(line, phrase('stands outside a section, and is left out'));
    else {
      if (section.entries.has(key))
        note(line, phrase('{0} is there twice in [{1}]: the last one counts', key, section.name));
      section.entries.set(key, { value: value.join('=').trim(), line });
    }
  }
  return sections;
}

/** Whether a section is about knockd itself. */
export function isOptions({ name }: KnockdSection): boolean {
  return name.toLowerCase() === 'options';
}

/** The command that a door runs when its sequence is heard. */
export function openingOf({ entries }: KnockdSection): KnockdEntry | undefined {
  return entries.get('start_command') ?? entries.get('command');
}

/** Reads `7000`, `7000:tcp` or `8000:udp`; undefined when it is none. */
export function parseKnockdStep(text: string): RequestedPort | undefined {
  const [, port, protocol = 'tcp'] = /^([0-9]+)(?::(tcp|udp))?$/i.exec(text) ?? [];
  try {
    return parsePort(`${protocol.toLowerCase()}/${port}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return undefined;
  }
}

/** The port that a command for iptables or nft opens, where it can be told. */
export function portOfCommand(command: string): RequestedPort | undefined {
  const protocol = /(?:-p|--protocol)\s+(tcp|udp)\b/.exec(command)?.[1] ?? /\b(tcp|udp)\s+dport\b/.exec(command)?.[1];
  const port = /(?:--dport|--destination-port|\bdport)\s+([0-9]{1,5})\b(?!:)/.exec(command)?.[1];
  return protocol === undefined || port === undefined ? undefined : parseKnockdStep(`${port}:${protocol}`);
}

/** Whether a command takes a rule away, rather than adding one. */
export function closesDoor(command: string): boolean {
  return /\s(?:-D|--delete)\s/.test(command) || /\bdelete\s+(?:rule|element)\b/.test(command);
}
