import { type Address, isGlobal, parseAddress } from '../../base/addresses.ts';

/**
 * Own address as a server sees it: the one on the way to it, if it is global, or if the server is on a private network with us.
 * @param local own address on the way
 * @returns undefined when a router may replace the own address by another
 */
export function ownSource(local: string, server: string): Address | undefined {
  const [own, far] = [parseAddress(local), parseAddress(server)];
  if (own === undefined || far === undefined || (isGlobal(far) && !isGlobal(own))) return undefined;
  return own;
}
