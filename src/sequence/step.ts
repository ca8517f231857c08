import { type Phrase, phrase } from '../base/phrase.ts';
import { formatPort, type RequestedPort } from '../base/ports.ts';
import { badText } from '../base/problem.ts';
import { parseKnockdStep } from './knockd-conf.ts';

/** Whole numbers from `first` to `last`, both included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** Conditions on the packet of a step, beside its protocol and port. Those that are left out do not count. */
export interface Conditions {
  /** Bytes of data in a datagram or an echo request; of a TCP packet all bytes behind the IP header. */
  readonly length?: Span;
  /** Port that it is sent from. */
  readonly sport?: Span;
  /** Milliseconds behind the previous step, at least and at most. */
  readonly afterMs?: number;
  readonly withinMs?: number;
}

/** One packet of a sequence: to a port, or an echo request. */
export interface SequenceStep extends Conditions {
  readonly protocol: RequestedPort['protocol'] | 'icmp';
  /** 0 for an echo request, which goes to no port. */
  readonly port: number;
}

/** An echo request of ICMP, or over IPv6 of ICMPv6. */
const PING = { protocol: 'icmp', port: 0 } as const;

/** Lengths that a packet can have: 65535 bytes without the headers of IPv4 and of its protocol; a SYN has a header at least. */
const LENGTHS: Readonly<Record<SequenceStep['protocol'], Span>> = {
  tcp: { first: 20, last: 65_515 },
  udp: { first: 0, last: 65_507 },
  icmp: { first: 0, last: 65_507 },
};
const PORTS: Span = { first: 1, last: 65_535 };
/** As `step_timeout` of a gate. */
const LONGEST_MS = 60_000;

/**
 * Reads a step: `tcp/7000`, in knock(1)'s notation `7000` or `7000:udp`, or `icmp`; with conditions behind it:
 * `udp/7000:length=32:sport=4000-4100:after=500ms:within=3s`.
 * @throws Problem `bad-text`
 */
export function parseStep(text: string, field: Phrase | string = phrase('step')): SequenceStep {
  const refuse = (expected: Phrase) => badText(field, text, expected);
  const words = text.split(':');
  const count = words.findIndex((word) => word.includes('='));
  const target = parseTarget((count < 0 ? words : words.slice(0, count)).join(':'));
  if (target === undefined) throw refuse(phrase('a step such as "tcp/7000", "7000:udp" or "icmp"'));
  const conditions = new Map<string, string>();
  for (const word of count < 0 ? [] : words.slice(count)) {
    const [, name = '', value = ''] = /^(length|sport|after|within)=(.+)$/.exec(word) ?? [];
    if (name === '' || conditions.has(name))
      throw refuse(phrase('each of {0} once at most, such as length=32', 'length=, sport=, after=, within='));
    conditions.set(name, value);
  }
  const { protocol } = target;
  const span = (name: string, limits: Span) => {
    const value = conditions.get(name);
    const found = value === undefined ? undefined : parseSpan(value, limits);
    if (value !== undefined && found === undefined)
      throw refuse(phrase('{0} from {1} to {2}, or a range of these', `${name}=`, limits.first, limits.last));
    return found;
  };
  const time = (name: string) => {
    const value = conditions.get(name);
    const found = value === undefined ? undefined : parseMilliseconds(value);
    if (value !== undefined && found === undefined)
      throw refuse(phrase('a time from 1ms to 60s, such as {0}', `${name}=500ms`));
    return found;
  };
  if (protocol === 'icmp' && conditions.has('sport'))
    throw refuse(phrase('no sport=: an echo request comes from no port'));
  const [length, sport] = [span('length', LENGTHS[protocol]), span('sport', PORTS)];
  const [afterMs, withinMs] = [time('after'), time('within')];
  if (afterMs !== undefined && withinMs !== undefined && afterMs >= withinMs)
    throw refuse(phrase('after= below within=, or no packet is in time'));
  return {
    ...target,
    ...(length && { length }),
    ...(sport && { sport }),
    ...(afterMs !== undefined && { afterMs }),
    ...(withinMs !== undefined && { withinMs }),
  };
}

/** `tcp/7000`, `icmp:length=32`: as `parseStep` reads it. */
export function formatStep(step: SequenceStep): string {
  return [formatPacket(step), ...timesOf(step)].join(':');
}

/** `7000:udp:length=32`: the same in the notation of knock(1). */
export function formatKnockStep(step: SequenceStep): string {
  const target = step.protocol === 'icmp' ? 'icmp' : `${step.port}:${step.protocol}`;
  return [target, ...packetConditions(step), ...timesOf(step)].join(':');
}

/** A step without its times: what one packet can be held against. */
export function formatPacket(step: SequenceStep): string {
  const { protocol, port } = step;
  return [protocol === 'icmp' ? 'icmp' : formatPort({ protocol, port }), ...packetConditions(step)].join(':');
}

/** Whether one packet could be a step of both, whenever it comes. */
export function canBeBoth(a: SequenceStep, b: SequenceStep | undefined): boolean {
  return b !== undefined && sameTarget(a, b) && overlap(a.length, b.length) && overlap(a.sport, b.sport);
}

/** Whether both go to the same port of the same protocol. */
function sameTarget(a: SequenceStep, b: SequenceStep): boolean {
  return a.protocol === b.protocol && a.port === b.port;
}

function parseTarget(text: string): Pick<SequenceStep, 'protocol' | 'port'> | undefined {
  if (text === PING.protocol) return PING;
  const [, protocol, port] = /^(tcp|udp)\/([0-9]+)$/.exec(text) ?? [];
  return parseKnockdStep(protocol === undefined ? text : `${port}:${protocol}`);
}

function parseSpan(text: string, limits: Span): Span | undefined {
  const [, first, last = first] = /^(0|[1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?$/.exec(text) ?? [];
  const span = { first: Number(first), last: Number(last) };
  return span.first >= limits.first && span.first <= span.last && span.last <= limits.last ? span : undefined;
}

function parseMilliseconds(text: string): number | undefined {
  const [, digits, unit] = /^([1-9][0-9]{0,4})(ms|s)$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (unit === 's' ? 1000 : 1);
  return milliseconds <= LONGEST_MS ? milliseconds : undefined;
}

function packetConditions({ length, sport }: Conditions): string[] {
  return [
    ...(length === undefined ? [] : [`length=${formatSpan(length)}`]),
    ...(sport === undefined ? [] : [`sport=${formatSpan(sport)}`]),
  ];
}

function timesOf({ afterMs, withinMs }: Conditions): string[] {
  return [
    ...(afterMs === undefined ? [] : [`after=${formatMilliseconds(afterMs)}`]),
    ...(withinMs === undefined ? [] : [`within=${formatMilliseconds(withinMs)}`]),
  ];
}

/** `32` or `32-40` */
export function formatSpan({ first, last }: Span): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** `500ms` or `3s`, as nft reads it as well. */
export function formatMilliseconds(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

function overlap(a: Span | undefined, b: Span | undefined): boolean {
  return a === undefined || b === undefined || (a.first <= b.last && b.first <= a.last);
}
