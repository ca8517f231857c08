import { type Family, parseAddress } from '../../base/addresses.ts';
import { type Note, Notes } from '../../base/notes.ts';
import { type Phrase, phrase } from '../../base/phrase.ts';
import { formatPort } from '../../base/ports.ts';
import { type Opening, openingOf } from '../../firewall-commands/opening.ts';
import {
  isOptions,
  type KnockdEntry,
  type KnockdSection,
  leadingNumber,
  readKnockdConf,
  sequenceStep,
  startCommand,
} from '../../sequence/knockd-conf.ts';
import { parseTcpFlags, synSatisfies } from '../../sequence/tcp-flags.ts';

/** A door of knockd.conf, as a host that opens to a sequence of ports. */
export interface ImportedDoor {
  readonly name: string;
  /** Fields of a table of the hosts file; without `steps` when it cannot be knocked at from here. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  /** Notes on parts that could not be carried over, a line each: `knockd.conf:7: …`. */
  readonly notes: readonly Phrase[];
}

type Fields = ImportedDoor['fields'];

/**
 * Reads the doors of a knockd.conf (knockd(1), "CONFIGURATION: KNOCK/EVENT DIRECTIVES"), as somebody who knocks at them needs them.
 * @param file its name in notes
 */
export function importKnockdDoors(text: string, file: string): ImportedDoor[] {
  const ofFile = new Notes(file);
  const sections = readKnockdConf(text, ofFile.add);
  for (const section of sections.filter(isOptions))
    for (const [key, { line }] of section.entries)
      ofFile.add(line, phrase('{0} is knockd’s own, and is left out', key));
  const doors = sections.filter((section) => !isOptions(section));
  return doors.map((section) => {
    const notes = new Notes(file, ofFile);
    const fields = fieldsOf(section, notes.add);
    return {
      name: section.name,
      fields,
      // Put together for the door that is chosen: each has what is said of the whole file as well.
      get notes() {
        return notes.phrases();
      },
    };
  });
}

function fieldsOf(section: KnockdSection, note: Note): Fields {
  const { name, line, entries } = section;
  for (const [key, entry] of entries) noteOther(key, entry, note);
  const opening = openingOf(startCommand(section, 'ipv4')?.value ?? '', 'ipv4');
  const steps = stepsOf(section, note);
  const flags = entries.get('tcpflags');
  if (opening.does === 'close') note(line, phrase('[{0}] shuts a door: nothing would open', name));
  else if (steps?.includes('tcp') && flags !== undefined && !takesSyn(flags)) {
    note(
      flags.line,
      phrase('tcpflags = {0}: only root may send such packets; set TCPFlags = syn on the server', flags.value),
    );
  } else if (steps !== undefined) {
    return {
      steps,
      ...addressOf(entries.get('target')),
      ...portsOf(section, note),
      ...familyOf(section, note),
    };
  }
  return addressOf(entries.get('target'));
}

function takesSyn({ value }: KnockdEntry): boolean {
  const flags = parseTcpFlags(value);
  return flags !== undefined && synSatisfies(flags);
}

/** In the notation of knock(1). */
function stepsOf({ name, line, entries }: KnockdSection, note: Note): string | undefined {
  const sequence = entries.get('sequence');
  const once = entries.get('one_time_sequences');
  // knockd then takes its sequences from the file, whatever else is in the section.
  if (once !== undefined) {
    note(once.line, phrase('[{0}] has a list of sequences, each good for once: knock by the next one yourself', name));
    return undefined;
  }
  if (sequence === undefined) {
    note(line, phrase('[{0}] has no sequence', name));
    return undefined;
  }
  const steps = sequence.value.split(',').map((text) => sequenceStep(text.trim()));
  const fitting = steps.filter((step) => step !== undefined);
  if (fitting.length === steps.length) return fitting.map(({ protocol, port }) => `${port}:${protocol}`).join(' ');
  note(sequence.line, phrase('{0} is not a sequence such as 7000,8000:udp,9000', JSON.stringify(sequence.value)));
  return undefined;
}

/** knockd can listen for packets to another address than its own: that is where they go then. */
function addressOf(target: KnockdEntry | undefined): Fields {
  return target === undefined || parseAddress(target.value) === undefined ? {} : { address: target.value };
}

/** How many ports of a range are named one by one. */
const MOST_PORTS = 16;

/** Ports to wait for: those that a command names, whatever else it says of them. */
function portsOf(section: KnockdSection, note: Note): Fields {
  const command = startCommand(section, 'ipv4') ?? startCommand(section, 'ipv6');
  const ports = [...portsFor(section, 'ipv4'), ...portsFor(section, 'ipv6')];
  if (ports.length > 0) return { ports: [...new Set(ports)] };
  note(
    command?.line ?? section.line,
    phrase('what [{0}] opens is unknown from its command: tcp/22 is waited for, unless you set ports', section.name),
  );
  return {};
}

function portsFor(section: KnockdSection, family: Family): string[] {
  const opening = openingOf(startCommand(section, family)?.value ?? '', family);
  if (opening.does !== 'open' && opening.does !== 'unknown') return [];
  return opening.ports.flatMap(({ protocol, first, last }) => {
    if (first === 0 || last - first >= MOST_PORTS) return [];
    return Array.from({ length: last - first + 1 }, (_, i) => formatPort({ protocol, port: first + i }));
  });
}

/** knockd runs the command for IPv4 with an address of IPv6 when it has no other, which iptables refuses. */
function familyOf(section: KnockdSection, note: Note): Fields {
  const [first, second] = (['ipv4', 'ipv6'] as const).map((family) => {
    const entry = startCommand(section, family);
    return { entry, opens: mayOpen(openingOf(entry?.value ?? '', family)) };
  });
  if (!first?.opens || second?.opens) return {};
  note(second?.entry?.line ?? section.line, phrase('[{0}] opens for IPv4 only: family = "ipv4"', section.name));
  return { family: 'ipv4' };
}

/** A program may open for any address, and so may a command that is not understood. */
function mayOpen(opening: Opening): boolean {
  return opening.does === 'open' || opening.does === 'run' || (opening.does === 'unknown' && opening.mayOpen);
}

const CARRIED = new Set(['sequence', 'one_time_sequences', 'tcpflags', 'start_command', 'start_command_6']);

function noteOther(name: string, { key, value, line }: KnockdEntry, note: Note): void {
  if (CARRIED.has(name)) return;
  if (name === 'seq_timeout') {
    note(
      line,
      phrase(
        '{0} = {1}: the whole sequence must arrive within {1} seconds; lower delay if it takes longer',
        key,
        leadingNumber(value),
      ),
    );
  } else if (name === 'cmd_timeout')
    note(line, phrase('cmd_timeout = {0}: then the server may shut the door again', leadingNumber(value)));
  else if (name === 'target') {
    if (parseAddress(value) === undefined) note(line, phrase('target = {0} is not an address, and is left out', value));
  } else note(line, phrase('{0} is the server’s own, and is left out', key));
}
