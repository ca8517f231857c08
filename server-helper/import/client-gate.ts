import type { Family } from '../../src/base/addresses.ts';
import { formatPortRange, type PortRange } from '../../src/base/ports.ts';
import type { ClientEnrolment } from '../../src/spa/enrolment.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { LONGEST_GRANT } from '../config/gate-settings.ts';

/** Ports that a server opened to everybody who had its secret. */
export interface Opened {
  readonly ports: readonly PortRange[];
  /** Families of the addresses that it let in. */
  readonly families: readonly Family[];
  /** Seconds; undefined: until somebody closed it. */
  readonly seconds: number | undefined;
}

/** `longest_grant` of a gate, unless gate.toml says otherwise. */
const USUAL_LONGEST_GRANT = 300;
const EVERY_NETWORK: Readonly<Record<Family, string>> = { ipv4: '0.0.0.0/0', ipv6: '::/0' };

/** Lines of `sources` for these families; none for both. */
export function sourcesOf(families: readonly Family[]): string[] {
  const [only, ...more] = families;
  return only === undefined || more.length > 0 ? [] : [`sources = ${JSON.stringify([EVERY_NETWORK[only]])}`];
}

/** A number of seconds that a grant can have. */
export function grantOf(seconds: number): number {
  return Math.min(Math.max(1, seconds), LONGEST_GRANT);
}

/** Each of these ports once. */
export function distinctPorts(ports: readonly PortRange[]): PortRange[] {
  return [...new Map(ports.map((port) => [formatPortRange(port), port])).values()];
}

/** Writes `[gate]` for doors that open these ports, the longest for so many seconds. */
export function gateTable(ports: readonly PortRange[], grants: readonly number[], usual?: number): string {
  const longest = Math.max(USUAL_LONGEST_GRANT, ...grants);
  return [
    '[gate]',
    `ports = ${listOf(ports)}`,
    ...(usual === undefined ? [] : [`grant = ${usual}`]),
    ...(longest === USUAL_LONGEST_GRANT ? [] : [`longest_grant = ${longest}`]),
    '',
  ].join('\n');
}

/**
 * Writes a `[[client]]` for each of these clients, which opens the same ports for the same time. The secret that they shared is not
 * carried over: each has a key of its own.
 */
export function clientTables({ ports, families, seconds }: Opened, clients: readonly ClientEnrolment[]): string[] {
  return clients.map(({ name, key }) =>
    [
      '[[client]]',
      `name = ${JSON.stringify(name)}`,
      `key = "${formatKey(key)}"`,
      `ports = ${listOf(ports)}`,
      ...(seconds === undefined ? [] : [`longest_grant = ${grantOf(seconds)}`]),
      ...sourcesOf(families),
      '',
    ].join('\n'),
  );
}

/** Writes a gate.toml for clients that open one and the same. */
export function clientGate(opened: Opened, clients: readonly ClientEnrolment[]): string {
  const { ports, seconds } = opened;
  const grant = seconds === undefined ? undefined : grantOf(seconds);
  return [gateTable(ports, grant === undefined ? [] : [grant], grant), ...clientTables(opened, clients)].join('\n');
}

export function listOf(ports: readonly PortRange[]): string {
  return `[${ports.map((port) => JSON.stringify(formatPortRange(port))).join(', ')}]`;
}
