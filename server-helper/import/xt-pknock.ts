import { type Note, Notes } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import { formatPort, formatPortRange, type PortRange } from '../../src/base/ports.ts';
import { splitShell } from '../../src/firewall-commands/shell.ts';
import { faultOfSteps } from '../../src/sequence/steps.ts';
import type { ClientEnrolment } from '../../src/spa/enrolment.ts';
import { clientTables, distinctPorts, gateTable, grantOf, listOf, type Opened, sourcesOf } from './client-gate.ts';
import type { ReadFile } from './fwknop.ts';
import type { Imported } from './imported.ts';
import { type PknockRule, readPknockRule } from './pknock-rules.ts';
import { wholeLines } from './program-lines.ts';

const LONGEST_STEP = 60;
const MINUTE = 60;

/** A rule, and its place. */
interface Placed extends PknockRule {
  readonly line: number;
}

/** A door that is carried over. */
interface Door {
  readonly tables: readonly string[];
  readonly ports: readonly PortRange[];
  readonly seconds: number | undefined;
}

/**
 * Turns rules of iptables with `-m pknock` into a gate.toml: sequences of ports become tables `[[sequence]]`, and a rule with secrets
 * becomes a `[[client]]` for each of these clients. Rules are in a script, or printed by `iptables-save`.
 */
export function importXtPknock({ text, file }: ReadFile, clients: readonly ClientEnrolment[]): Imported {
  const notes = new Notes(file);
  const rules = rulesOf(text, notes.add);
  const learning = rules.filter(({ knocks }) => knocks.length > 0);
  const doors: Door[] = [];
  const taken = new Set<string>();
  let hasClients = false;
  for (const rule of learning) {
    const { name, line, hasSecrets } = rule;
    if (taken.has(name)) {
      notes.add(line, phrase('this rule is left out: an earlier one has the name {0}', name));
      continue;
    }
    taken.add(name);
    const ports = distinctPorts(rules.filter((each) => each.name === name).flatMap(({ opens }) => opens));
    if (ports.length === 0) {
      notes.add(line, phrase('this rule is left out: no rule of the name {0} opens a port', name));
      continue;
    }
    const seconds = rule.minutes === undefined ? undefined : grantOf(rule.minutes * MINUTE);
    const opened: Opened = { ports, seconds, families: ['ipv4'] };
    const door = hasSecrets
      ? clientDoor(rule, opened, hasClients, clients, notes.add)
      : sequenceDoor(rule, opened, notes.add);
    if (door === undefined) continue;
    if (seconds === undefined)
      notes.add(line, phrase('xt_pknock never closes {0}; here it is open for the seconds of grant in [gate]', name));
    hasClients ||= hasSecrets;
    doors.push(door);
  }
  if (doors.length === 0) return { toml: '', doors: 0, notes: notes.list() };
  const grants = doors.flatMap(({ seconds }) => seconds ?? []);
  const gate = gateTable(distinctPorts(doors.flatMap(({ ports }) => ports)), grants);
  return {
    toml: [gate, ...doors.flatMap(({ tables }) => tables)].join('\n'),
    doors: doors.length,
    notes: notes.list(),
  };
}

function rulesOf(text: string, note: Note): Placed[] {
  return wholeLines(text).flatMap(({ line, text: whole }) => {
    if (!/\bpknock\b/.test(whole) || /^\s*#/.test(whole)) return [];
    // `iptables-save -c` puts counters in front.
    const split = splitShell(whole.trim().replace(/^\[[0-9]+:[0-9]+\] /, ''));
    if ('why' in split) {
      // A variable that is set in front may be the secret.
      note(line, phrase('this line is left out: {0}', split.why.replace(/=[^”]*/, '=…')));
      return [];
    }
    return split.commands.flatMap(({ argv }) => {
      const words = argv[0] === 'sudo' ? argv.slice(1) : argv;
      // `modprobe xt_pknock` is another word.
      if (!words.includes('pknock')) return [];
      const rule = readPknockRule(words);
      if (typeof rule !== 'string') return [{ ...rule, line }];
      note(line, phrase('this rule is left out: {0}', rule));
      return [];
    });
  });
}

function sequenceDoor(rule: Placed, { ports, seconds, families }: Opened, note: Note): Door | undefined {
  const { name, line, knocks, gap = 0, strict } = rule;
  const range = ports.find(({ first, last }) => first !== last);
  const fault =
    faultOfSteps(knocks) ?? (range && `a sequence opens single ports, and this opens ${formatPortRange(range)}`);
  if (fault !== undefined) {
    note(line, phrase('{0} is left out: {1}', name, fault));
    return undefined;
  }
  const step = Math.min(gap, LONGEST_STEP);
  if (step !== gap) note(line, phrase('{0} seconds become step_timeout = {1}, the longest there is', gap, step));
  if (!strict) note(line, phrase('{0} is not strict: at a gate a wrong port starts over', name));
  if (knocks.some(({ protocol }) => protocol === 'tcp'))
    note(line, phrase('{0} counts any packet of TCP: at a gate a step is a SYN', name));
  const table = [
    '[[sequence]]',
    `name = ${JSON.stringify(fitting(name))}`,
    `steps = ${JSON.stringify(knocks.map(formatPort))}`,
    `step_timeout = ${step}`,
    `ports = ${listOf(ports)}`,
    ...(seconds === undefined ? [] : [`grant = ${seconds}`]),
    ...sourcesOf(families),
    '',
  ];
  return { tables: [table.join('\n')], ports, seconds };
}

function clientDoor(
  { name, line }: Placed,
  opened: Opened,
  hasClients: boolean,
  clients: readonly ClientEnrolment[],
  note: Note,
): Door | undefined {
  if (clients.length === 0) note(line, phrase('{0} has secrets, and is left out: add --client for each client', name));
  else if (hasClients) note(line, phrase('{0} is left out: the clients have the ports of an earlier rule', name));
  else {
    note(line, phrase('the secrets of {0} are not carried over: each client has a key of its own', name));
    return { tables: clientTables(opened, clients), ports: opened.ports, seconds: opened.seconds };
  }
  return undefined;
}

/** A name that gate.toml takes. */
function fitting(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'pknock';
}
