import type { Host } from '../../client/gate/host.ts';
import type { HostBook } from '../hosts/host-book.ts';
import { hostNoGate, hostWithoutGate } from '../problems.ts';

/** Name of the host that a command was called for: a text, or an item of the hosts view; undefined for anything else. */
export function nameFrom(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument;
  if (typeof argument !== 'object' || argument === null || !('host' in argument)) return undefined;
  return typeof argument.host === 'string' ? argument.host : undefined;
}

/**
 * Finds a host with a gate by its name.
 * @throws Problem: that of its settings when they are invalid, `host-unknown` when there is none, `host-other-kind`
 */
export function gatedHost(name: string, { hosts, broken }: HostBook): Host {
  const host = hosts.get(name);
  if (host === undefined) throw broken.get(name) ?? hostWithoutGate(name);
  if (host.kind !== 'gate') throw hostNoGate(name);
  return host;
}
