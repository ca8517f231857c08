import { type Address, formatAddress, isIPv4, masked } from '../../src/base/addresses.ts';

/** The host that a grant is for, as nft writes it: of IPv6 the first bits of the address. */
export function hostOf(address: Address, ipv6Prefix: number): string {
  return formatAddress(isIPv4(address) ? address : masked(address, ipv6Prefix));
}

/** How a rule reads the part of an IPv6 source that a grant is for. @param prefix its bits, 48 to 128 */
export function source6(prefix: number): string {
  return prefix === 128 ? 'ip6 saddr' : `ip6 saddr & ${netmask(prefix)}`;
}

function netmask(prefix: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => {
    const bits = Math.min(Math.max(prefix - i * 16, 0), 16);
    return ((0xffff << (16 - bits)) & 0xffff).toString(16);
  });
  return groups.join(':');
}
