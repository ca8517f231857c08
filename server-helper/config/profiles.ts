import { createHash } from 'node:crypto';
import { formatPortRange, type PortRange } from '../../src/base/ports.ts';
import { MOST_PROFILES, PROFILE_BITS } from '../firewall/tag-marks.ts';
import type { GateConfig } from './gate-config.ts';

/** The usual ports of some clients, which the kernel opens by itself: those that a client gets when its knock names none. */
export interface Profile {
  /** 1 to `PROFILE_BITS`. */
  readonly number: number;
  readonly ports: readonly PortRange[];
}

/**
 * The profiles of a configuration, by the names of their ports. Clients with the same ports share one. A profile's number is
 * derived from its ports, so it means the same in every configuration: after a reload, tags that the kernel still holds open
 * the same ports as before. Profiles that would share a number are left out, and so are those beyond `MOST_PROFILES`; for
 * their clients the daemon opens. With `capture = "socket"` there are no profiles: a socket never sees a packet that the
 * kernel has used to open and then dropped.
 */
export function profilesOf({ gate, clients }: GateConfig): ReadonlyMap<string, Profile> {
  const profiles = new Map<string, Profile>();
  if (gate.capture === 'socket') return profiles;
  for (const { ports, strict } of clients) {
    const name = profileName(ports);
    if (!strict && !profiles.has(name) && profiles.size < MOST_PROFILES)
      profiles.set(name, { number: numberOf(name), ports });
  }
  const numbers = [...profiles.values()].map(({ number }) => number);
  for (const [name, { number }] of profiles)
    if (numbers.indexOf(number) !== numbers.lastIndexOf(number)) profiles.delete(name);
  return profiles;
}

/** Names by lists of ports. Most of thousands of clients have the same list. */
const names = new WeakMap<readonly PortRange[], string>();

export function profileName(ports: readonly PortRange[]): string {
  const known = names.get(ports);
  if (known !== undefined) return known;
  const name = ports.map(formatPortRange).sort().join(' ');
  names.set(ports, name);
  return name;
}

/** The number of the profile with ports of that name. */
export function numberOf(name: string): number {
  return 1 + (createHash('sha256').update(name).digest().readUInt32BE() % PROFILE_BITS);
}
