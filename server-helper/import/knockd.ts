import { faultOfSteps } from '../../src/sequence/steps.ts';
import { parseName } from '../../src/spa/enrolment.ts';
import type { RequestedPort } from '../../src/spa/payload.ts';
import { formatPort, parsePort } from '../../src/spa/ports.ts';
import { Problem } from '../../src/spa/problem.ts';
import { type Imported, type Note, Notes } from './imported.ts';

/** A section of knockd.conf, with the line of everything in it. */
interface Section {
  readonly name: string;
  readonly line: number;
  readonly entries: ReadonlyMap<string, { readonly value: string; readonly line: number }>;
}

const MOST_SECONDS = 60;
const LONGEST_NAME = 32;

/**
 * Turns the doors of a knockd.conf (knockd(1), "CONFIGURATION: KNOCK/EVENT DIRECTIVES") into tables `[[sequence]]`. Commands are
 * never carried over: what they open is read from them where it can be.
 * @param file its name in notes
 */
export function importKnockd(text: string, file: string): Imported {
  const notes = new Notes(file);
  const tables = sectionsOf(text, notes.add).flatMap((section) => tableOf(section, notes.add));
  return { toml: tables.join('\n'), notes: notes.list() };
}

function sectionsOf(text: string, note: Note): Section[] {
  const sections: (Section & { entries: Map<string, { value: string; line: number }> })[] = [];
  for (const [i, written] of text.split(/\r?\n/).entries()) {
    const line = i + 1;
    const trimmed = written.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const header = /^\[(.+)\]$/.exec(trimmed)?.[1];
    const [key = '', ...value] = trimmed.split('=');
    const section = sections.at(-1);
    if (header !== undefined) sections.push({ name: header.trim(), line, entries: new Map() });
    else if (section === undefined) note(line, 'stands outside a section, and is left out');
    // knockd reads its keys in any case; some have no value.
    else section.entries.set(key.trim().toLowerCase(), { value: value.join('=').trim(), line });
  }
  return sections;
}

function tableOf(section: Section, note: Note): string[] {
  if (section.name.toLowerCase() === 'options') {
    for (const [key, { line }] of section.entries) note(line, `${key} is knockd's own, and is left out`);
    return [];
  }
  const { entries } = section;
  const sequence = entries.get('sequence');
  if (sequence === undefined) {
    const once = entries.get('one_time_sequences');
    note(
      once?.line ?? section.line,
      once === undefined
        ? `[${section.name}] has no sequence, and is left out`
        : `[${section.name}] has a list of sequences: write sequence_key_file for a client instead, see docs/sequences.md`,
    );
    return [];
  }
  const opening = entries.get('start_command') ?? entries.get('command');
  if (opening !== undefined && closes(opening.value)) {
    note(section.line, `[${section.name}] shuts a door, and is left out: every grant ends by itself`);
    return [];
  }
  const steps = stepsOf(sequence, note);
  const fault = steps === undefined ? undefined : faultOfSteps(steps);
  if (fault !== undefined) note(sequence.line, `${fault}; [${section.name}] is left out: choose other ports`);
  if (steps === undefined || fault !== undefined) return [];
  noteOthers(section, note);
  return [
    [
      '[[sequence]]',
      `name = ${JSON.stringify(nameOf(section, note))}`,
      `steps = [${steps.map((step) => JSON.stringify(formatPort(step))).join(', ')}]`,
      ...secondsOf(entries.get('seq_timeout'), 'step_timeout', MOST_SECONDS, note),
      ...portsOf(opening, section, note),
      ...secondsOf(entries.get('cmd_timeout'), 'grant', 300, note),
      '',
    ].join('\n'),
  ];
}

/** `7000,8000:udp,9000:tcp` */
function stepsOf({ value, line }: { value: string; line: number }, note: Note): RequestedPort[] | undefined {
  const steps: RequestedPort[] = [];
  for (const text of value.split(',').map((each) => each.trim())) {
    const [, port, protocol = 'tcp'] = /^([0-9]+)(?::(tcp|udp))?$/i.exec(text) ?? [];
    try {
      steps.push(parsePort(`${protocol.toLowerCase()}/${port}`));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      note(line, `${JSON.stringify(text)} is no port such as 7000 or 7000:udp; its section is left out`);
      return undefined;
    }
  }
  return steps;
}

function nameOf({ name, line }: Section, note: Note): string {
  const words = name.match(/[A-Za-z0-9][A-Za-z0-9._]*/g) ?? ['door'];
  const fitting = words.join('-').slice(0, LONGEST_NAME);
  if (fitting !== name) note(line, `[${name}] is called ${fitting} here`);
  return parseName(fitting, 'name');
}

function secondsOf(
  entry: { value: string; line: number } | undefined,
  field: string,
  most: number,
  note: Note,
): string[] {
  if (entry === undefined) return [];
  const seconds = /^[0-9]{1,6}$/.test(entry.value) ? Number(entry.value) : 0;
  const taken = Math.min(Math.max(seconds, 1), most);
  if (taken !== seconds) note(entry.line, `${JSON.stringify(entry.value)} seconds become ${field} = ${taken}`);
  if (field === 'step_timeout')
    note(entry.line, 'seq_timeout is for all steps together, step_timeout from each to the next');
  return [`${field} = ${taken}`];
}

/** The ports that a command for iptables or nft opens, where they can be told. */
function portsOf(opening: { value: string; line: number } | undefined, { name, line }: Section, note: Note): string[] {
  const command = opening?.value ?? '';
  const protocol = /(?:-p|--protocol)\s+(tcp|udp)\b/.exec(command)?.[1] ?? /\b(tcp|udp)\s+dport\b/.exec(command)?.[1];
  const port = /(?:--dport|--destination-port|\bdport)\s+([0-9]{1,5})\b(?!:)/.exec(command)?.[1];
  if (protocol === undefined || port === undefined) {
    note(
      opening?.line ?? line,
      `what [${name}] opens cannot be told from its command: it opens every single port that the gate hides, unless you add ports`,
    );
    return [];
  }
  note(opening?.line ?? line, `the command of [${name}] is not run: the gate itself opens ${protocol}/${port}`);
  return [`ports = ["${protocol}/${port}"]`];
}

function closes(command: string): boolean {
  return /\s(?:-D|--delete)\s/.test(command) || /\bdelete\s+(?:rule|element)\b/.test(command);
}

const CARRIED = new Set(['sequence', 'seq_timeout', 'cmd_timeout', 'command', 'start_command']);

function noteOthers({ entries }: Section, note: Note): void {
  for (const [key, { value, line }] of entries) {
    if (CARRIED.has(key)) continue;
    if (key === 'stop_command') note(line, 'stop_command is not run: the grant ends by itself, in the kernel');
    else if (key !== 'tcpflags') note(line, `${key} is left out: the gate knows nothing of the kind`);
    else if (value.toLowerCase() !== 'syn') note(line, `tcpflags = ${value}: here a step over TCP is always a SYN`);
  }
}
