import { createHash } from 'node:crypto';
import { formatPortRange, type PortRange } from '../../src/base/ports.ts';
import { MOST_PROFILES, PROFILE_BITS } from '../firewall/tag-marks.ts';
import type { GateConfig } from './gate-config.ts';

/** Ports that the kernel opens by itself for some clients: those that they get when they ask for none by name. */
export interface Profile {
  /** 1 to `PROFILE_BITS`. */
  readonly number: number;
  readonly ports: readonly PortRange[];
}

/**
 * The profiles of a configuration, by the ports' names. Clients with the same ports share one. A number says the same in every
 * configuration, so it is made of the ports: tags that the kernel still has from the previous one open what they did. Where two
 * have the same number, and where there are more than the table has room for, the daemon opens. So it does for all where the gate
 * hears by sockets, which see no packet that was dropped.
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

export function profileName(ports: readonly PortRange[]): string {
  return ports.map(formatPortRange).sort().join(' ');
}

/** The number of the profile with ports of that name. */
export function numberOf(name: string): number {
  return 1 + (createHash('sha256').update(name).digest().readUInt32BE() % PROFILE_BITS);
}
