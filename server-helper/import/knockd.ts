import { type Note, Notes } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import type { RequestedPort } from '../../src/base/ports.ts';
import { formatPort } from '../../src/base/ports.ts';
import { openingOf } from '../../src/firewall-commands/opening.ts';
import {
  isOptions,
  type KnockdSection,
  readKnockdConf,
  sequenceStep,
  startCommand,
} from '../../src/sequence/knockd-conf.ts';
import { faultOfSteps } from '../../src/sequence/steps.ts';
import { parseTcpFlags, synSatisfies } from '../../src/sequence/tcp-flags.ts';
import { parseName } from '../../src/spa/enrolment.ts';
import type { Imported } from './imported.ts';
import { actionOf } from './knockd-action.ts';
import { actionSources, doorOpening } from './knockd-opening.ts';
import { grantOf, stepTimeoutOf } from './knockd-times.ts';

const LONGEST_NAME = 32;

/**
 * Turns the doors of a knockd.conf (knockd(1), "CONFIGURATION: KNOCK/EVENT DIRECTIVES") into tables `[[sequence]]`. What a command
 * opens in a firewall is read from it; a program that it runs becomes an `[[action]]`. A door with a condition that a gate cannot
 * check becomes comments. A door whose opening is unknown is left out.
 * @param file its name in notes
 */
export function importKnockd(text: string, file: string): Imported {
  const notes = new Notes(file);
  const taken = new Map<string, number>();
  const doors = readKnockdConf(text, notes.add).flatMap((section) => doorOf(section, taken, notes.add) ?? []);
  return {
    toml: doors
      .flatMap(({ tables, isActive }) => tables.map((table) => (isActive ? table : commented(table))))
      .join('\n'),
    doors: doors.filter(({ isActive }) => isActive).length,
    notes: notes.list(),
  };
}

interface Door {
  readonly tables: readonly string[];
  /** Whether it opens as soon as the gate reads it: nobody has to check it first. */
  readonly isActive: boolean;
}

/** @param taken names that are used, each with how often it was wanted; the section's name is added */
function doorOf(section: KnockdSection, taken: Map<string, number>, note: Note): Door | undefined {
  if (isOptions(section)) {
    noteOptions(section, note);
    return undefined;
  }
  const steps = stepsOf(section, note);
  if (steps === undefined) return undefined;
  const command = startCommand(section, 'ipv4');
  const opening = openingOf(command?.value ?? '', 'ipv4');
  if (opening.does === 'close') {
    note(section.line, phrase('[{0}] closes ports, and is left out: every grant ends by itself', section.name));
    return undefined;
  }
  if (opening.does === 'unknown' && !opening.isFirewall) {
    note(command?.line ?? section.line, phrase('[{0}] is left out: {1}', section.name, opening.why));
    return undefined;
  }
  const found = opening.does === 'run' ? undefined : doorOpening(section, note);
  if (opening.does !== 'run' && found === undefined) return undefined;
  const stepTimeout = stepTimeoutOf(section, note);
  const grant = grantOf(section, found?.seconds, note);
  if (stepTimeout === undefined || grant === undefined) return undefined;
  const name = nameOf(section, taken, note);
  const programs = opening.does === 'run' ? opening.programs : (found?.programs ?? []);
  const action = actionOf(section, programs, command?.line ?? section.line, name, note);
  if (found === undefined && action === undefined) {
    note(command?.line ?? section.line, phrase('[{0}] is left out: it does nothing that a gate can do', section.name));
    return undefined;
  }
  noteOthers(section, found !== undefined, note);
  const sources = found?.sources ?? actionSources(section, note);
  const fields = [
    ...(found?.ports === undefined ? [] : [`ports = ${listOf(found.ports.map(formatPort))}`]),
    ...(sources.length === 0 ? [] : [`sources = ${listOf(sources)}`]),
    ...(action === undefined ? [] : [`action = ${JSON.stringify(name)}`]),
    ...grant,
  ];
  return {
    tables: [sequenceTable(name, steps, stepTimeout, fields), ...(action === undefined ? [] : [action])],
    isActive: !noteConditions(section, found?.conditions ?? [], note),
  };
}

function sequenceTable(
  name: string,
  steps: readonly RequestedPort[],
  stepTimeout: number,
  fields: readonly string[],
): string {
  return [
    '[[sequence]]',
    `name = ${JSON.stringify(name)}`,
    `steps = ${listOf(steps.map(formatPort))}`,
    `step_timeout = ${stepTimeout}`,
    ...fields,
    '',
  ].join('\n');
}

function listOf(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(', ')}]`;
}

function commented(table: string): string {
  return table.replace(/^(?=.)/gm, '# ');
}

/**
 * Notes conditions of a door that a gate cannot check.
 * @returns whether there are any
 */
function noteConditions(section: KnockdSection, conditions: readonly string[], note: Note): boolean {
  const target = section.entries.get('target');
  const line = startCommand(section, 'ipv4')?.line ?? section.line;
  if (conditions.length > 0)
    note(
      line,
      phrase(
        '[{0}] opens only with “{1}”, which a gate does not check: its table is a comment, for you to look at',
        section.name,
        conditions.join(' '),
      ),
    );
  if (target !== undefined)
    note(
      target.line,
      phrase(
        '[{0}] hears knocks at {1} only, and a gate hears those at any address of its own: its table is a comment, for you to look at',
        section.name,
        target.value,
      ),
    );
  return conditions.length > 0 || target !== undefined;
}

/** `7000,8000:udp,9000:tcp` */
function stepsOf({ name, line, entries }: KnockdSection, note: Note): RequestedPort[] | undefined {
  const sequence = entries.get('sequence');
  const once = entries.get('one_time_sequences');
  // knockd takes its sequences from that file then, and ignores the section's own.
  if (once !== undefined) {
    note(
      once.line,
      phrase(
        '[{0}] has a list of sequences, and is left out: write sequence_key_file for a client instead, see docs/sequences.md',
        name,
      ),
    );
    return undefined;
  }
  if (sequence === undefined) {
    note(line, phrase('[{0}] has no sequence, and is left out', name));
    return undefined;
  }
  const texts = sequence.value.split(',').map((each) => each.trim());
  const steps = texts.flatMap((text) => sequenceStep(text) ?? []);
  if (steps.length < texts.length) {
    const wrong = texts.find((text) => sequenceStep(text) === undefined);
    note(
      sequence.line,
      phrase('[{0}] is left out: {1} is not a port such as 7000 or 7000:udp', name, JSON.stringify(wrong)),
    );
    return undefined;
  }
  const fault = faultOfSteps(steps);
  if (fault !== undefined) note(sequence.line, phrase('[{0}] is left out: {1}; choose other ports', name, fault));
  return fault === undefined ? steps : undefined;
}

/** Name for a gate: knockd allows names that are equal or of any length, a gate does not. */
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
  if (fitting !== name) note(line, phrase('[{0}] is called {1} here', name, fitting));
  return parseName(fitting, 'name');
}

function noteOptions({ entries }: KnockdSection, note: Note): void {
  for (const [key, { value, line }] of entries) {
    if (key === 'interface')
      note(line, phrase('knockd heard knocks at {0} only; a gate hears them at every interface', value));
    else note(line, phrase('{0} is knockd’s own, and is left out', key));
  }
}

const CARRIED = new Set(['sequence', 'seq_timeout', 'cmd_timeout', 'start_command', 'target']);

function noteOthers({ entries }: KnockdSection, isDoor: boolean, note: Note): void {
  for (const [name, { key, value, line }] of entries) {
    if (CARRIED.has(name)) continue;
    if (name === 'stop_command') {
      if (isDoor) note(line, phrase('stop_command is not run: the grant ends by itself, in the kernel'));
    } else if (name === 'start_command_6' && isDoor) continue;
    else if (name.endsWith('_6')) note(line, phrase('{0} is left out: a gate has one command for IPv4 and IPv6', key));
    else if (name !== 'tcpflags') note(line, phrase('{0} is not a key of knockd, and is left out', key));
    else if (!takesSyn(value)) note(line, phrase('tcpflags = {0}: here a step over TCP is always a SYN', value));
  }
}

/** Whether a SYN alone, which is what a gate counts, has the flags that knockd asks for. */
function takesSyn(tcpFlags: string): boolean {
  const flags = parseTcpFlags(tcpFlags);
  return flags !== undefined && synSatisfies(flags);
}
