import type { Family } from '../../src/base/addresses.ts';
import { type Note, Notes } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import { formatPortRange, type PortRange } from '../../src/base/ports.ts';
import { openingOf } from '../../src/firewall-commands/opening.ts';
import { KNOCKER } from '../../src/firewall-commands/rule.ts';
import { splitShell } from '../../src/firewall-commands/shell.ts';
import type { ClientEnrolment } from '../../src/spa/enrolment.ts';
import { clientGate, distinctPorts, type Opened } from './client-gate.ts';
import type { ReadFile } from './fwknop.ts';
import type { Imported } from './imported.ts';
import { type ProgramLine, programLines, type Word } from './program-lines.ts';
import { type AddressSet, readSets, secondsOf } from './set-rules.ts';

/** Options of pyknock-server, each with a value, by their names. */
const OPTIONS = new Map(
  Object.entries({ bind: '-b --bind-address', port: '-p --port', drift: '-t --time-drift' }).flatMap(
    ([option, names]) => names.split(' ').map((name) => [name, option] as const),
  ),
);
const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];
const PROGRAMS = ['pyknock-server'];

/**
 * Turns a call of pyknock-server into a gate.toml that opens the same ports to these clients. It is in a unit file or a script; ports
 * that its command opens by a set of addresses are in the rules.
 * @param rules script, `iptables-save` or `ipset save`; undefined: they are in the same file, or there are none
 */
export function importPyknock(
  call: ReadFile,
  rules: ReadFile | undefined,
  clients: readonly ClientEnrolment[],
): Imported {
  const [ofCall, ofRules] = [new Notes(call.file), new Notes(rules?.file ?? call.file)];
  const [first, ...more] = programLines(call.text, PROGRAMS, ofCall.add);
  for (const { line } of more) ofCall.add(line, phrase('one call is imported, the first: this one is left out'));
  const sets = readSets(rules?.text ?? call.text, ofRules.add);
  const opened = first && openedBy(first, sets, ofCall.add);
  const notes = [...ofCall.list(), ...ofRules.list()];
  if (opened === undefined) return { toml: '', doors: 0, notes };
  return { toml: clientGate(opened, clients), doors: clients.length, notes };
}

function openedBy({ line, words }: ProgramLine, sets: ReadonlyMap<string, AddressSet>, note: Note): Opened | undefined {
  const read = argumentsOf(words);
  if (typeof read === 'string') {
    note(line, phrase('this call is left out: {0}', read));
    return undefined;
  }
  const { positionals, options } = read;
  const [, command] = positionals;
  if (command === undefined || positionals.length !== 3) {
    note(line, phrase('this call is left out: expected a PSK, an OPEN_CMD and a CLOSE_CMD'));
    return undefined;
  }
  if (command.isExpanded) {
    note(line, phrase('this call is left out: its OPEN_CMD has a variable that is set elsewhere'));
    return undefined;
  }
  const found = FAMILIES.map((family) => ({ family, opening: openingFor(command.text, family, sets) }));
  const open = found.flatMap(({ family, opening }) => (typeof opening === 'string' ? [] : [{ family, ...opening }]));
  const [one, other] = open;
  if (one === undefined) {
    for (const { opening } of found.slice(0, 1))
      note(line, phrase('this call is left out: {0}', typeof opening === 'string' ? opening : ''));
    return undefined;
  }
  const isSame = other !== undefined && reachOf(one) === reachOf(other);
  if (!isSame)
    note(line, phrase('what it opens for {0} is carried over, and nothing for the other family', nameOf(one.family)));
  for (const option of options)
    note(line, phrase('{0} is left out: a gate has its own ports for knocks, and its own limit for clocks', option));
  noteRest(line, one.seconds, note);
  return { ports: one.ports, seconds: one.seconds, families: isSame ? FAMILIES : [one.family] };
}

function noteRest(line: number, seconds: number | undefined, note: Note): void {
  note(line, phrase('the PSK is not carried over: each client has a key of its own'));
  note(line, phrase('CLOSE_CMD is left out: every grant ends by itself, and `knockgated revoke` ends it earlier'));
  if (seconds === undefined)
    note(
      line,
      phrase('pyknock leaves it open until a client closes it; here it is open for the seconds of grant in [gate]'),
    );
}

const nameOf = (family: Family) => (family === 'ipv4' ? 'IPv4' : 'IPv6');
const reachOf = ({ ports, seconds }: Opening) => JSON.stringify([ports.map(formatPortRange).sort(), seconds]);

interface Arguments {
  readonly positionals: readonly Word[];
  /** Names of the options. */
  readonly options: readonly string[];
}

/** Arguments of a call, or why they cannot be read. */
function argumentsOf(words: readonly Word[]): Arguments | string {
  const positionals: Word[] = [];
  const options: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? { text: '', isExpanded: false };
    if (word.text === '--') return { positionals: [...positionals, ...words.slice(at + 1)], options };
    if (!word.text.startsWith('-')) positionals.push(word);
    else {
      const [name = '', value] = /^(-[a-z])(.+)$/s.exec(word.text)?.slice(1) ?? word.text.split(/=(.*)/s);
      // Another word may be a PSK that begins with a hyphen.
      if (!OPTIONS.has(name))
        return `pyknock-server has no option ${/^--[a-z-]+$/.test(name) ? name : 'of that letter'}`;
      options.push(name);
      if (value === undefined) at += 1;
    }
  }
  return { positionals, options };
}

interface Opening {
  readonly ports: readonly PortRange[];
  readonly seconds: number | undefined;
}

/** Ports that OPEN_CMD opens for an address of a family, or why they are unknown. */
function openingFor(template: string, family: Family, sets: ReadonlyMap<string, AddressSet>): Opening | string {
  const command = filledIn(template, family);
  const split = splitShell(command);
  if ('why' in split) return split.why;
  const argvs = split.commands.map(({ argv }) => (argv[0] === 'sudo' ? argv.slice(1) : argv));
  if (argvs.length > 0 && argvs.every(([program = '']) => /(?:^|\/)ipset$/.test(program))) {
    const added = argvs.map((argv) => setOpening(argv.slice(1), family, sets));
    const why = added.find((each) => typeof each === 'string');
    if (typeof why === 'string') return why;
    const openings = added.filter((each) => typeof each !== 'string');
    const seconds = openings.flatMap((each) => each.seconds ?? []);
    return {
      ports: distinctPorts(openings.flatMap(({ ports }) => ports)),
      seconds: seconds.length === 0 ? undefined : Math.min(...seconds),
    };
  }
  const opening = openingOf(command, family);
  if (opening.does !== 'open') return opening.does === 'unknown' ? opening.why : 'it opens nothing that is known here';
  if (opening.allPorts) return 'it opens every port';
  if (opening.isForEverybody) return 'it opens for everybody';
  if (opening.conditions.length > 0) return `a gate cannot check ${opening.conditions.join(' and ')}`;
  if (opening.programs.length > 0) return `it also runs ${opening.programs[0]?.[0] ?? ''}`;
  return { ports: distinctPorts(opening.ports), seconds: opening.seconds };
}

/** OPEN_CMD as pyknock fills it in (Python's string.Template). Other names stay, for the shell. */
function filledIn(template: string, family: Family): string {
  const values = new Map([
    ['ip', KNOCKER],
    ['af', family === 'ipv4' ? 'inet' : 'inet6'],
    ['cmd', 'open'],
  ]);
  return template.replace(
    /\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/g,
    (whole, dollar, name, braced) => (dollar === undefined ? (values.get(name ?? braced) ?? whole) : '$'),
  );
}

/** Ports that `ipset add SET ADDRESS` opens, or why they are unknown. */
function setOpening(argv: readonly string[], family: Family, sets: ReadonlyMap<string, AddressSet>): Opening | string {
  const [command = '', name = '', address, ...options] = argv.filter((word) => !['-exist', '-!'].includes(word));
  if (!['add', '-A', '--add'].includes(command)) return `“ipset ${command}” is not understood`;
  if (address !== KNOCKER) return 'it adds something else than the address of the packet to a set';
  const set = sets.get(name);
  if (set === undefined || set.ports.length === 0) return `no rule is known that lets in the set ${name}`;
  if (set.family !== family) return `the set ${name} is for ${nameOf(set.family)}`;
  const [option, value = '', ...more] = options;
  const [other] = option === undefined || option === 'timeout' ? more : [option];
  if (other !== undefined) return `the option ${other} of ipset is not understood`;
  return { ports: set.ports, seconds: option === undefined ? set.seconds : secondsOf(value) };
}
