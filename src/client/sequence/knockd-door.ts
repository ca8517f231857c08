import {
  closesDoor,
  isOptions,
  type KnockdEntry,
  type KnockdSection,
  openingOf,
  parseKnockdStep,
  portOfCommand,
  readKnockdConf,
} from '../../sequence/knockd-conf.ts';
import { parseAddress } from '../../spa/addresses.ts';
import { type Note, Notes } from '../../spa/notes.ts';
import { type Phrase, phrase } from '../../spa/phrase.ts';
import { formatPort } from '../../spa/ports.ts';
import { parseTcpFlags, synSatisfies } from './tcp-flags.ts';

/** A door of knockd.conf, as a host that opens to a sequence of ports. */
export interface ImportedDoor {
  readonly name: string;
  /** Fields of a table of the hosts file; without `steps` when it cannot be knocked at from here. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  /** What could not be carried over, a line each: `knockd.conf:7: …`. */
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
  const opening = openingOf(section);
  const steps = stepsOf(section, note);
  const flags = entries.get('tcpflags');
  if (opening !== undefined && closesDoor(opening.value))
    note(line, phrase('[{0}] shuts a door: nothing would open', name));
  else if (steps?.includes('tcp') && flags !== undefined && !takesSyn(flags)) {
    note(
      flags.line,
      phrase('tcpflags = {0}: only root may send such packets; set TCPFlags = syn on the server', flags.value),
    );
  } else if (steps !== undefined) {
    return {
      steps,
      ...addressOf(entries.get('target')),
      ...portsOf(opening, section, note),
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
  if (sequence === undefined) {
    const list = entries.get('one_time_sequences');
    if (list === undefined) note(line, phrase('[{0}] has no sequence', name));
    else
      note(
        list.line,
        phrase('[{0}] has a list of sequences, each good for once: knock by the next one yourself', name),
      );
    return undefined;
  }
  const steps = sequence.value.split(',').map((text) => parseKnockdStep(text.trim()));
  const fitting = steps.filter((step) => step !== undefined);
  if (fitting.length === steps.length) return fitting.map(({ protocol, port }) => `${port}:${protocol}`).join(' ');
  note(sequence.line, phrase('{0} is no sequence such as 7000,8000:udp,9000', JSON.stringify(sequence.value)));
  return undefined;
}

/** knockd can listen for packets to another address than its own: that is where they go then. */
function addressOf(target: KnockdEntry | undefined): Fields {
  return target === undefined || parseAddress(target.value) === undefined ? {} : { address: target.value };
}

function portsOf(opening: KnockdEntry | undefined, { name, line }: KnockdSection, note: Note): Fields {
  const port = portOfCommand(opening?.value ?? '');
  if (port !== undefined) return { ports: [formatPort(port)] };
  note(
    opening?.line ?? line,
    phrase('what [{0}] opens cannot be told from its command: tcp/22 is waited for, unless you set ports', name),
  );
  return {};
}

/** knockd runs the command for IPv4 with an address of IPv6 when it has no other, which iptables refuses. */
function familyOf(section: KnockdSection, note: Note): Fields {
  const opening6 = section.entries.get('start_command_6') ?? section.entries.get('command_6');
  const opening = openingOf(section);
  const onlyIPv4 = opening6 === undefined ? /\biptables\b/.test(opening?.value ?? '') : opening6.value === '';
  if (!onlyIPv4) return {};
  note(
    opening6?.line ?? opening?.line ?? section.line,
    phrase('[{0}] opens for IPv4 only: family = "ipv4"', section.name),
  );
  return { family: 'ipv4' };
}

const CARRIED = new Set([
  'sequence',
  'one_time_sequences',
  'tcpflags',
  'command',
  'start_command',
  'command_6',
  'start_command_6',
]);

function noteOther(key: string, { value, line }: KnockdEntry, note: Note): void {
  if (CARRIED.has(key)) return;
  if (key === 'seq_timeout') {
    note(line, phrase('seq_timeout = {0}: the whole sequence must be sent within that; set delay if it is not', value));
  } else if (key === 'cmd_timeout')
    note(line, phrase('cmd_timeout = {0}: then the server may shut the door again', value));
  else if (key === 'target') {
    if (parseAddress(value) === undefined) note(line, phrase('target = {0} is no address, and is left out', value));
  } else note(line, phrase('{0} is the server’s own, and is left out', key));
}
