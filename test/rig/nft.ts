import { run } from './netns.ts';
import type { Finished, RunOptions } from './process.ts';

/** Place of nft: a namespace, with this machine's own nft; or a target, with the target's, which may be another version. */
type Where = string | { run(argv: readonly string[], options?: RunOptions): Promise<Finished> };

const runIn = (where: Where, argv: readonly string[], options?: RunOptions) =>
  typeof where === 'string' ? run(where, argv, options) : where.run(argv, options);

/** An element of a set. A concatenation gives several values. Tags, of 64 bits, come as text: signed decimals. */
export interface SetElement {
  key: unknown[];
  /** Seconds, as it was added. */
  timeout?: number;
  /** Seconds that remain. */
  expires?: number;
}

/** A counter: a rule's own, known by chain and comment, or a named one of the table. */
export interface Counter {
  chain?: string;
  name?: string;
  packets: number;
  bytes: number;
  comment?: string;
}

/** Rules of others that keep ssh from connection tracking. */
export const SSH_NOTRACK = `table inet others {
  chain in { type filter hook prerouting priority raw; tcp dport 22 notrack; }
  chain out { type filter hook output priority raw; tcp sport 22 notrack; }
}`;

/** Loads an nft script. */
export async function loadNft(where: Where, script: string): Promise<void> {
  const { code, stderr } = await runIn(where, ['nft', '-f', '-'], { input: script });
  if (code !== 0) throw new Error(`nft: exit ${code}: ${stderr.trim()}`);
}

const HOUR_MS = 3_600_000;

type Listing = { nftables: Record<string, unknown>[] };

async function list(where: Where, what: readonly string[]): Promise<Listing> {
  const { code, stdout, stderr } = await runIn(where, ['nft', '-j', 'list', ...what]);
  if (code !== 0) throw new Error(`nft list ${what.join(' ')}: exit ${code}: ${stderr.trim()}`);
  return JSON.parse(quoteLongNumbers(stdout)) as Listing;
}

/** Quotes long numbers, which JSON.parse would round. */
const quoteLongNumbers = (json: string) => json.replace(/(?<=[[,:] ?)-?\d{16,}(?=[\],}])/g, '"$&"');

/** Elements of a set. */
export async function setElements(where: Where, set: string, table = 'knockgate'): Promise<SetElement[]> {
  const { nftables } = await list(where, ['set', 'inet', table, set]);
  const found = nftables.find((entry) => 'set' in entry)?.set as { elem?: unknown[] } | undefined;
  return (found?.elem ?? []).map(readElement);
}

/** How many tags the kernel holds. */
export async function countTags(where: Where): Promise<number> {
  const { nftables } = await list(where, ['map', 'inet', 'knockgate', 'tags']);
  const found = nftables.find((entry) => 'map' in entry)?.map as { elem?: unknown[] } | undefined;
  return found?.elem?.length ?? 0;
}

/** Protocol by name. The second part of a grant is its protocol, a number where the system has no /etc/protocols. */
function named(part: unknown, index: number): unknown {
  if (index !== 1) return part;
  return part === 6 ? 'tcp' : part === 17 ? 'udp' : part;
}

/** Reads an element: a bare value, or `{elem: {val, timeout, expires}}` when there is more to say about it. */
function readElement(raw: unknown): SetElement {
  const wrapped = (raw as { elem?: { val: unknown; timeout?: number; expires?: number } }).elem;
  const value = wrapped ? wrapped.val : raw;
  const key = typeof value === 'object' ? (value as { concat: unknown[] }).concat.map(named) : [value];
  const { timeout, expires } = wrapped ?? {};
  return { key, ...(timeout !== undefined && { timeout }), ...(expires !== undefined && { expires }) };
}

type Counts = { packets: number; bytes: number };
type Rule = { chain: string; comment?: string; expr: { counter?: Counts | string }[] };

/** A table's counters, in order. */
export async function counters(where: Where, table = 'knockgate'): Promise<Counter[]> {
  const { nftables } = await list(where, ['table', 'inet', table]);
  return nftables.flatMap((entry): Counter[] => {
    if ('counter' in entry) {
      const { name, packets, bytes } = entry.counter as Counts & { name: string };
      return [{ name, packets, bytes }];
    }
    const { chain, comment, expr } = (entry.rule ?? { expr: [] }) as Rule;
    // A named counter's rule holds its name only; the counts are the counter's.
    return expr.flatMap(({ counter }) => {
      if (typeof counter !== 'object') return [];
      const { packets, bytes } = counter;
      return [{ chain, packets, bytes, ...(comment && { comment }) }];
    });
  });
}

/** Whether a table is there. */
export async function tableExists(where: Where, table = 'knockgate'): Promise<boolean> {
  return (await runIn(where, ['nft', 'list', 'table', 'inet', table])).code === 0;
}

/**
 * A saved ruleset as it is after an hour: the end that it names for the kernel's opening is put back, since a real hour cannot be had.
 * @throws when the ruleset names no end
 */
export function anHourEarlier(ruleset: string): string {
  const end = /(meta time > )"([^"]+)"/;
  const [, , time = ''] = end.exec(ruleset) ?? [];
  const at = Date.parse(`${time.replace(' ', 'T')}Z`);
  if (Number.isNaN(at)) throw new Error('the saved ruleset names no time at which the kernel stops to open');
  const earlier = new Date(at - HOUR_MS).toISOString().slice(0, 19).replace('T', ' ');
  return ruleset.replace(end, `$1"${earlier}"`);
}
