import {
  closesDoor,
  isOptions,
  type KnockdEntry,
  type KnockdSection,
  openingOf,
  parseKnockdStep,
  readKnockdConf,
} from '../../src/sequence/knockd-conf.ts';
import { faultOfSteps } from '../../src/sequence/steps.ts';
import { parseName } from '../../src/spa/enrolment.ts';
import { type Note, Notes } from '../../src/spa/notes.ts';
import type { RequestedPort } from '../../src/spa/payload.ts';
import { formatPort } from '../../src/spa/ports.ts';
import type { Imported } from './imported.ts';
import { actionOf, isForFirewall } from './knockd-action.ts';
import { openingOfCommand } from './knockd-opening.ts';

const MOST_SECONDS = 60;
const LONGEST_NAME = 32;

/**
 * Turns the doors of a knockd.conf (knockd(1), "CONFIGURATION: KNOCK/EVENT DIRECTIVES") into tables `[[sequence]]`. What a command
 * opens in a firewall is read from it, and it is left out where that cannot be; one that does something else becomes an `[[action]]`, if it needs no shell.
 * @param file its name in notes
 */
export function importKnockd(text: string, file: string): Imported {
  const notes = new Notes(file);
  const taken = new Map<string, number>();
  const tables = readKnockdConf(text, notes.add).flatMap((section) => tableOf(section, taken, notes.add));
  return { toml: tables.join('\n'), notes: notes.list() };
}

/** @param taken names that are given, each with how often it was wished for; that of the section comes to them */
function tableOf(section: KnockdSection, taken: Map<string, number>, note: Note): string[] {
  if (isOptions(section)) {
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
  const opening = openingOf(section);
  const isDoor = opening === undefined || opening.value === '' || isForFirewall(opening.value);
  if (isDoor && closesDoor(opening?.value ?? '')) {
    note(section.line, `[${section.name}] shuts a door, and is left out: every grant ends by itself`);
    return [];
  }
  const steps = stepsOf(sequence, note);
  const fault = steps === undefined ? undefined : faultOfSteps(steps);
  if (fault !== undefined) note(sequence.line, `${fault}; [${section.name}] is left out: choose other ports`);
  if (steps === undefined || fault !== undefined) return [];
  const name = nameOf(section, taken, note);
  const action = isDoor ? undefined : actionOf(section, opening, name, note);
  if (!isDoor && action === undefined) return [];
  noteOthers(section, isDoor, note);
  const opens = isDoor ? portsOf(opening, section, note) : [`action = ${JSON.stringify(name)}`];
  if (opens === undefined) return [];
  return [
    [
      '[[sequence]]',
      `name = ${JSON.stringify(name)}`,
      `steps = [${steps.map((step) => JSON.stringify(formatPort(step))).join(', ')}]`,
      ...secondsOf(entries.get('seq_timeout'), 'step_timeout', MOST_SECONDS, note),
      ...opens,
      ...secondsOf(entries.get('cmd_timeout'), 'grant', 300, note),
      '',
    ].join('\n'),
    ...(action === undefined ? [] : [action]),
  ];
}

/** `7000,8000:udp,9000:tcp` */
function stepsOf({ value, line }: KnockdEntry, note: Note): RequestedPort[] | undefined {
  const texts = value.split(',').map((each) => each.trim());
  const steps = texts.flatMap((text) => parseKnockdStep(text) ?? []);
  if (steps.length === texts.length) return steps;
  const wrong = texts.find((text) => parseKnockdStep(text) === undefined);
  note(line, `${JSON.stringify(wrong)} is no port such as 7000 or 7000:udp; its section is left out`);
  return undefined;
}

/** knockd has sections of one name, and names of any length; a gate has not. */
function nameOf({ name, line }: KnockdSection, taken: Map<string, number>, note: Note): string {
  const words = name.match(/[A-Za-z0-9][A-Za-z0-9._]*/g) ?? ['door'];
  const first = words.join('-');
  const short = first.slice(0, LONGEST_NAME);
  let fitting = short;
  for (let count = taken.get(short) ?? 1; taken.has(fitting); taken.set(short, count)) {
    count += 1;
    fitting = `${first.slice(0, LONGEST_NAME - 1 - String(count).length)}-${count}`;
  }
  taken.set(fitting, taken.get(fitting) ?? 1);
  if (fitting !== name) note(line, `[${name}] is called ${fitting} here`);
  return parseName(fitting, 'name');
}

function secondsOf(entry: KnockdEntry | undefined, field: string, most: number, note: Note): string[] {
  if (entry === undefined) return [];
  const seconds = /^[0-9]{1,6}$/.test(entry.value) ? Number(entry.value) : 0;
  const taken = Math.min(Math.max(seconds, 1), most);
  if (taken !== seconds) note(entry.line, `${JSON.stringify(entry.value)} seconds become ${field} = ${taken}`);
  if (field === 'step_timeout')
    note(entry.line, 'seq_timeout is for all steps together, step_timeout from each to the next');
  return [`${field} = ${taken}`];
}

/** Undefined when the section is left out, which is noted. */
function portsOf(opening: KnockdEntry | undefined, { name, line }: KnockdSection, note: Note): string[] | undefined {
  const at = opening?.line ?? line;
  const opens = openingOfCommand(opening?.value ?? '');
  if ('why' in opens) {
    note(at, `[${name}] is left out: ${opens.why}; write a [[sequence]] with its ports`);
    return undefined;
  }
  if ('all' in opens) {
    note(at, `[${name}] opened any port: it opens every single port that the gate hides, unless you add ports`);
    return [];
  }
  note(at, `the command of [${name}] is not run: the gate itself opens ${formatPort(opens.port)}`);
  return [`ports = ["${formatPort(opens.port)}"]`];
}

const CARRIED = new Set(['sequence', 'seq_timeout', 'cmd_timeout', 'command', 'start_command']);

function noteOthers({ entries }: KnockdSection, isDoor: boolean, note: Note): void {
  for (const [key, { value, line }] of entries) {
    if (CARRIED.has(key)) continue;
    if (key === 'stop_command') {
      if (isDoor) note(line, 'stop_command is not run: the grant ends by itself, in the kernel');
    } else if (key.endsWith('_6')) note(line, `${key} is left out: what is done is the same over IPv4 and IPv6`);
    else if (key !== 'tcpflags') note(line, `${key} is left out: the gate knows nothing of the kind`);
    else if (value.toLowerCase() !== 'syn') note(line, `tcpflags = ${value}: here a step over TCP is always a SYN`);
  }
}
