/** Bits of an IPv6 address that belong to one host: it changes the others by itself (RFC 8981). */
export const SOURCE_PREFIX = 64;

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
