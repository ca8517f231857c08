/** Addresses that the client knocks from, one for each knock: no grant is left from the knock before. */
export const KNOCKERS: readonly string[] = Array.from({ length: 200 }, (_, i) => `192.0.2.${i + 20}`);

/** Client that knocks, and its address. */
export interface Turn {
  readonly client: number;
  readonly source: string;
}

/** So many knocks, spread over all clients, each from an address of its own, from that one on. */
export function turnsOf(clients: number, knocks: number, firstKnocker = 0): Turn[] {
  return Array.from({ length: knocks }, (_, n) => ({
    client: Math.floor(((n + 0.5) * clients) / knocks),
    source: KNOCKERS[(firstKnocker + n) % KNOCKERS.length] ?? '',
  }));
}
