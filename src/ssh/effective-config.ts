import type { AddressFamily } from '../client/network/next-address.ts';
import { parsePlainDestination, type SshDestination } from './destination.ts';
import { printedSettings } from './printed-settings.ts';

/** The settings that ssh would use for a name, as `ssh -G` prints them. */
export interface EffectiveConfig {
  readonly hostName: string;
  readonly port: number;
  readonly addressFamily: AddressFamily;
  /** Jump hosts, the first one first. */
  readonly jumps: readonly SshDestination[];
  /** Whether a ProxyCommand makes the connection. */
  readonly hasProxyCommand: boolean;
}

const SSH_PORT = 22;

/** Reads what `ssh -G` prints; undefined when it names no host. */
export function parseEffectiveConfig(output: string): EffectiveConfig | undefined {
  const settings = new Map(printedSettings(output).map(({ keyword, value }) => [keyword, value]));
  const hostName = settings.get('hostname');
  if (hostName === undefined || hostName === '') return undefined;
  const port = Number(settings.get('port'));
  return {
    hostName,
    port: Number.isInteger(port) && port > 0 ? port : SSH_PORT,
    addressFamily: familyOf(settings.get('addressfamily')),
    jumps: jumpsOf(settings),
    hasProxyCommand: settings.has('proxycommand'),
  };
}

function familyOf(text: string | undefined): AddressFamily {
  return text === 'inet' || text === 'inet6' ? text : 'any';
}

function jumpsOf(settings: ReadonlyMap<string, string>): SshDestination[] {
  const text = settings.get('proxyjump') ?? 'none';
  if (text.toLowerCase() === 'none') return [];
  return text.split(',').flatMap((jump) => parsePlainDestination(jump) ?? []);
}
