import { parsePlainDestination } from '../../ssh/destination.ts';

/** Makes a name that the settings, the hosts file and a gate's line can hold. */
export function plainName(host: string): string {
  const plain = host.replace(/[^A-Za-z0-9._@-]/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return plain.slice(0, 63) || 'gate';
}

/** Name for a host that ssh is given as `user@host:port`. */
export function nameFor(destination: string): string {
  return plainName(parsePlainDestination(destination)?.host ?? destination);
}
