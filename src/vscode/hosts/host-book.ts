import { Problem } from '../../base/problem.ts';
import type { Host } from '../../client/gate/host.ts';
import { hostCalled as hostNamed } from '../../client/hosts/host-called.ts';
import { type AnyHost, gatesOf as gatesAmong, parseHost } from '../../client/hosts/kinds.ts';
import { HOSTS_SETTING } from '../settings.ts';

/** Content of the setting `knockgate.hosts`. */
export interface HostBook {
  readonly hosts: ReadonlyMap<string, AnyHost>;
  /** Hosts with invalid fields: the others still work. */
  readonly broken: ReadonlyMap<string, Problem>;
}

/** Reads the record of hosts, each by itself. */
export function readHostBook(record: unknown): HostBook {
  const hosts = new Map<string, AnyHost>();
  const broken = new Map<string, Problem>();
  const entries = typeof record === 'object' && record !== null ? Object.entries(record) : [];
  for (const [name, fields] of entries) {
    try {
      hosts.set(name, parseHost(name, fields, HOSTS_SETTING, 'setting'));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      broken.set(name, error);
    }
  }
  return { hosts, broken };
}

/** Hosts behind gates of ours. */
export function gatesOf({ hosts }: HostBook): Host[] {
  return gatesAmong(hosts.values());
}

/** Existing name that differs at most in capitals, which authorities of some versions of the editor do not keep. */
export function sameName(name: string, names: Iterable<string>): string | undefined {
  const all = [...names];
  return all.find((each) => each === name) ?? all.find((each) => each.toLowerCase() === name.toLowerCase());
}

/** Host that a window's destination means, without the user. */
export function hostCalled(destination: string, { hosts }: HostBook): AnyHost | undefined {
  return hostNamed(destination, hosts);
}
