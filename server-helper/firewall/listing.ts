import { type Address, parseAddress } from '../../src/base/addresses.ts';
import type { PortRange } from '../../src/base/ports.ts';
import { PROTOCOL_NUMBER, type Protocol } from '../../src/base/ports.ts';
import { TAG_LENGTH } from '../../src/spa/tags.ts';
import type { LiveGrant } from './firewall.ts';
import { TABLE } from './table-name.ts';

/** The end of a first line, with `nft -a` or without. */
const HANDLE = '(?: # handle \\d+)?$';

/**
 * Reads the elements of a set of grants from what `nft -j list set` prints (libnftables-json(5)).
 * @param range of a set that holds addresses only; undefined where each element has its own port
 */
export function parseGrants(json: string, range: PortRange | undefined): LiveGrant[] {
  return itemsOf(json, 'set').flatMap((set) =>
    arrayOf(field(set, 'elem')).flatMap((entry) => parseGrant(entry, range)),
  );
}

/** The sequence that gave a grant, by the mark of its name. */
export interface GrantOrigin {
  readonly address: Address;
  readonly mark: number;
  readonly port: number;
  /** Seconds that are left. */
  readonly seconds: number;
}

/** Reads a set of origins from what `nft -j list set` prints. */
export function parseOrigins(json: string): GrantOrigin[] {
  return itemsOf(json, 'set').flatMap((set) =>
    arrayOf(field(set, 'elem')).flatMap((entry) => {
      const element = field(entry, 'elem');
      const [host, mark, port] = arrayOf(field(field(element, 'val'), 'concat'));
      const seconds = field(element, 'expires');
      const address = typeof host === 'string' ? parseAddress(host) : undefined;
      if (address === undefined || typeof mark !== 'number' || typeof port !== 'number') return [];
      return typeof seconds === 'number' ? [{ address, mark, port, seconds }] : [];
    }),
  );
}

/**
 * Reads a set of tags from what `nft -j list set` prints: whole numbers, large ones in hexadecimal, and the seconds until each is
 * forgotten.
 */
export function parseTags(json: string): { readonly tag: Uint8Array; readonly expires: number }[] {
  return itemsOf(json, 'set').flatMap((set) =>
    arrayOf(field(set, 'elem')).flatMap((entry) => {
      const element = field(entry, 'elem');
      const [value, expires] = [field(element, 'val'), field(element, 'expires')];
      if ((typeof value !== 'number' && typeof value !== 'string') || typeof expires !== 'number') return [];
      const hex = BigInt(value)
        .toString(16)
        .padStart(2 * TAG_LENGTH, '0');
      return [{ tag: Uint8Array.from(Buffer.from(hex, 'hex')), expires }];
    }),
  );
}

/** Those chains of our table in what `nft list ruleset` prints, as text; undefined when the table or one of them is not there. */
export function ourChains(listing: string, chains: readonly string[]): string | undefined {
  const table = ourTable(listing);
  const found = chains.map((chain) => new RegExp(`^\\tchain ${chain} \\{${HANDLE}[^]*?^\\t\\}$`, 'm').exec(table)?.[0]);
  return found.includes(undefined) ? undefined : found.join('\n');
}

/** Names of the chains of our table in what `nft list ruleset` prints. */
export function chainNames(listing: string): string[] {
  const table = ourTable(listing);
  return Array.from(table.matchAll(new RegExp(`^\\tchain (\\S+) \\{${HANDLE}`, 'gm')), ([, name]) => name ?? '');
}

/** The kernel's number of our table, which another one never gets in the same boot; undefined when there is none. */
export function tableHandle(listing: string): string | undefined {
  return /# handle (\d+)/.exec(ourTable(listing).split('\n', 1)[0] ?? '')?.[1];
}

/** Reads the counters of our table in what `nft -j list ruleset` prints: packets by the counter's name. */
export function parseCounters(json: string): Record<string, number> {
  const counters: Record<string, number> = {};
  for (const counter of itemsOf(json, 'counter')) {
    if (`${field(counter, 'family')} ${field(counter, 'table')}` !== TABLE) continue;
    const name = field(counter, 'name');
    const packets = field(counter, 'packets');
    if (typeof name === 'string' && typeof packets === 'number') counters[name] = packets;
  }
  return counters;
}

function ourTable(listing: string): string {
  return new RegExp(`^table ${TABLE} \\{${HANDLE}[^]*?^\\}$`, 'm').exec(listing)?.[0] ?? '';
}

function parseGrant(entry: unknown, range: PortRange | undefined): LiveGrant[] {
  const element = field(entry, 'elem');
  const value = field(element, 'val');
  const [host, protocol, number] = range === undefined ? arrayOf(field(value, 'concat')) : [value];
  const address = typeof host === 'string' ? parseAddress(host) : undefined;
  const port = range ?? portOf(protocol, number);
  const seconds = field(element, 'expires');
  const comment = field(element, 'comment');
  // An element without a timeout was put there by hand and is not ours to end.
  if (address === undefined || port === undefined || typeof seconds !== 'number') return [];
  return [{ client: typeof comment === 'string' ? comment : 'by hand', address, port, seconds }];
}

function portOf(named: unknown, number: unknown): PortRange | undefined {
  const protocol = PROTOCOLS.find((name) => named === name || named === PROTOCOL_NUMBER[name]);
  if (typeof number !== 'number' || protocol === undefined) return undefined;
  return { protocol, first: number, last: number };
}

/** nft names a protocol as /etc/protocols does, and by its number on a small system that has no such file. */
const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp'];

function itemsOf(json: string, kind: string): unknown[] {
  const items = arrayOf(field(JSON.parse(json), 'nftables')).map((item) => field(item, kind));
  return items.filter((item) => item !== undefined);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
