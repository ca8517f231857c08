import type { Family } from '../../src/base/addresses.ts';
import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import type { RequestedPort } from '../../src/base/ports.ts';
import { formatPort, formatPortRange, type PortRange } from '../../src/base/ports.ts';
import { type Opening, type Opens, openingOf } from '../../src/firewall-commands/opening.ts';
import { serviceOf } from '../../src/firewall-commands/services.ts';
import { type KnockdEntry, type KnockdSection, startCommand } from '../../src/sequence/knockd-conf.ts';

/** A sequence opens single ports. A range with no more ports than this becomes a list. */
const MOST_PORTS = 16;

/** Ports that a door of knockd opens, for a `[[sequence]]`. */
export interface DoorOpening {
  /** Ports; undefined: every single port that the gate hides. */
  readonly ports: readonly RequestedPort[] | undefined;
  /** Networks for which it opens; empty: any. */
  readonly sources: readonly string[];
  /** Seconds after which its own command closes it; undefined: never. */
  readonly seconds: number | undefined;
  /** Conditions that a gate cannot check, as written. */
  readonly conditions: readonly string[];
  readonly programs: Opens['programs'];
}

const EVERY_NETWORK: Readonly<Record<Family, string>> = { ipv4: '0.0.0.0/0', ipv6: '::/0' };

/**
 * Finds out what the commands of a door open, and notes what differs. A gate opens no more than knockd did, and so only for addresses
 * of the family that the command is for.
 * @returns undefined when it opens nothing that a gate can, which is noted
 */
export function doorOpening(section: KnockdSection, note: Note): DoorOpening | undefined {
  const [first, second] = (['ipv4', 'ipv6'] as const).map((family) => openingFor(section, family));
  if (first === undefined || second === undefined) throw new RangeError('there are two families');
  const chosen = first.opening.does === 'open' ? first : second;
  const { opening, entry } = chosen;
  const line = entry?.line ?? section.line;
  if (opening.does !== 'open') {
    const why = first.opening.does === 'unknown' ? first.opening.why : 'it opens nothing';
    note(line, phrase('[{0}] is left out: {1}; write a [[sequence]] with its ports', section.name, why));
    return undefined;
  }
  const ports = opening.allPorts ? undefined : singlePorts(opening.ports);
  if (typeof ports === 'string') {
    note(line, phrase('[{0}] is left out: {1}; write a [[sequence]] with its ports', section.name, ports));
    return undefined;
  }
  const isSame =
    first.opening.does === 'open' &&
    second.opening.does === 'open' &&
    sameReach(first.opening, second.opening) &&
    (opening.programs.length === 0 || isSameStop(section));
  if (!isSame) noteFamily(section, chosen.family, first, second, note);
  noteOpening(section.name, line, opening, ports, note);
  const { seconds, conditions, programs } = opening;
  return { ports, sources: isSame ? [] : [EVERY_NETWORK[chosen.family]], seconds, conditions, programs };
}

/** Networks for which a door runs its program when no firewall command opens anything; empty: any. */
export function actionSources(section: KnockdSection, note: Note): readonly string[] {
  const [first, second] = [startCommand(section, 'ipv4'), startCommand(section, 'ipv6')];
  if (programsOf(first) === programsOf(second) && isSameStop(section)) return [];
  const sources = [EVERY_NETWORK.ipv4];
  note(
    second?.line ?? section.line,
    phrase('[{0}] does something else for IPv6, hence sources = ["{1}"]', section.name, EVERY_NETWORK.ipv4),
  );
  return sources;
}

/** Whether the same programs end a grant over IPv4 and IPv6. */
function isSameStop({ entries }: KnockdSection): boolean {
  const [first, second] = [entries.get('stop_command'), entries.get('stop_command_6')];
  return second === undefined || programsOf(first) === programsOf(second);
}

/** Programs as a text, for comparison. */
function programsOf(entry: KnockdEntry | undefined): string {
  const opening = openingOf(entry?.value ?? '', 'ipv4');
  return JSON.stringify(opening.does === 'unknown' ? [] : opening.programs);
}

interface FamilyOpening {
  readonly family: Family;
  readonly entry: KnockdEntry | undefined;
  readonly opening: Opening;
}

function openingFor(section: KnockdSection, family: Family): FamilyOpening {
  const entry = startCommand(section, family);
  return { family, entry, opening: openingOf(entry?.value ?? '', family) };
}

function sameReach(a: Opens, b: Opens): boolean {
  const reach = ({ ports, conditions, seconds, programs }: Opens) =>
    JSON.stringify([ports, conditions, seconds, programs]);
  return reach(a) === reach(b);
}

function noteFamily(
  { name, line }: KnockdSection,
  family: Family,
  first: FamilyOpening,
  second: FamilyOpening,
  note: Note,
): void {
  const version = family === 'ipv4' ? 'IPv4' : 'IPv6';
  note(
    (family === 'ipv4' ? first.entry?.line : second.entry?.line) ?? line,
    phrase('[{0}] opens for {1} only, hence sources = ["{2}"]', name, version, EVERY_NETWORK[family]),
  );
  if (first.opening.does === 'open' && second.opening.does === 'open')
    note(second.entry?.line ?? line, phrase('[{0}] does something else for IPv6, which is left out', name));
}

function noteOpening(
  name: string,
  line: number,
  { isForEverybody, services, dropped }: Opens,
  ports: readonly RequestedPort[] | undefined,
  note: Note,
): void {
  if (ports === undefined)
    note(
      line,
      phrase('[{0}] opens every port: here every single port that the gate hides, unless you add ports', name),
    );
  else
    note(
      line,
      phrase('the command of [{0}] is not run: the gate itself opens {1}', name, ports.map(formatPort).join(', ')),
    );
  if (isForEverybody) note(line, phrase('[{0}] opens for everybody: here only for who has knocked', name));
  for (const service of services) {
    const port = serviceOf(service)?.port;
    if (ports?.some((each) => each.port === port))
      note(line, phrase('{0} is taken to be port {1}: see /etc/services of that server', service, port ?? 0));
  }
  for (const argv of dropped)
    note(line, phrase('the command of [{0}] also does this, which is left out: {1}', name, argv.join(' ')));
}

/** Lists each port by itself; or says why that is impossible. */
function singlePorts(ranges: readonly PortRange[]): RequestedPort[] | string {
  const whole = ranges.find(({ first, last }) => first === 0 && last === 65_535);
  if (whole !== undefined) return `it opens every port of ${whole.protocol.toUpperCase()}`;
  const count = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  if (count > MOST_PORTS || ranges.some(({ first }) => first === 0)) {
    const texts = ranges.map(formatPortRange).join(', ');
    return `it opens ${texts}, and a sequence opens single ports, here ${MOST_PORTS} at most`;
  }
  const ports = ranges.flatMap(({ protocol, first, last }) =>
    Array.from({ length: last - first + 1 }, (_, i) => ({ protocol, port: first + i })),
  );
  return [...new Map(ports.map((port) => [formatPort(port), port])).values()];
}
