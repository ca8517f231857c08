/** That many addresses, all different, none of them one that knocks: 198.18.0.0/15 is set aside for benchmarks (RFC 2544). */
export function liveGrants(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`);
}
