import type { NetworkInterfaceInfo } from 'node:os';
import { contains, isUnicast, parseAddress, parseNetwork } from '../../base/addresses.ts';

/** Type of `os.networkInterfaces()`. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10'].map((text) => parseNetwork(text));

/**
 * Addresses that packets may leave from, as one text. When it changes, gates see another address, and earlier grants are useless.
 * Empty while there is no network.
 */
export function ownAddresses(interfaces: Interfaces): string {
  const all = Object.values(interfaces).flatMap((each) => each ?? []);
  const usable = all.filter(({ address, internal }) => {
    const parsed = parseAddress(address);
    if (internal || parsed === undefined || !isUnicast(parsed)) return false;
    return !LINK_LOCAL.some((network) => contains(network, parsed));
  });
  return [...new Set(usable.map(({ address }) => address))].sort().join(' ');
}
