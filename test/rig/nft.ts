import { run } from './netns.ts';

/** An element of a set. A concatenation gives several values. */
export interface SetElement {
  key: unknown[];
  /** Seconds, as it was added. */
  timeout?: number;
  /** Seconds that remain. */
  expires?: number;
}

/** A rule that counts. */
export interface Counter {
  chain: string;
  packets: number;
  bytes: number;
  comment?: string;
}

/** Loads an nft script in a namespace. */
export async function loadNft(ns: string, script: string): Promise<void> {
  const { code, stderr } = await run(ns, ['nft', '-f', '-'], { input: script });
  if (code !== 0) throw new Error(`nft: exit ${code}: ${stderr.trim()}`);
}

type Listing = { nftables: Record<string, unknown>[] };

async function list(ns: string, what: readonly string[]): Promise<Listing> {
  const { code, stdout, stderr } = await run(ns, ['nft', '-j', 'list', ...what]);
  if (code !== 0) throw new Error(`nft list ${what.join(' ')}: exit ${code}: ${stderr.trim()}`);
  return JSON.parse(stdout) as Listing;
}

/** Elements of a set. */
export async function setElements(ns: string, set: string, table = 'knockgate'): Promise<SetElement[]> {
  const { nftables } = await list(ns, ['set', 'inet', table, set]);
  const found = nftables.find((entry) => 'set' in entry)?.set as { elem?: unknown[] } | undefined;
  return (found?.elem ?? []).map(readElement);
}

/** nft writes a bare value, or `{elem: {val, timeout, expires}}` when there is more to say about it. */
function readElement(raw: unknown): SetElement {
  const wrapped = (raw as { elem?: { val: unknown; timeout?: number; expires?: number } }).elem;
  const value = wrapped ? wrapped.val : raw;
  const key = (value as { concat?: unknown[] }).concat ?? [value];
  const { timeout, expires } = wrapped ?? {};
  return { key, ...(timeout !== undefined && { timeout }), ...(expires !== undefined && { expires }) };
}

/** Counters of a table's rules, in order. */
export async function counters(ns: string, table = 'knockgate'): Promise<Counter[]> {
  const { nftables } = await list(ns, ['table', 'inet', table]);
  return nftables.flatMap((entry) => {
    const rule = entry.rule as { chain: string; comment?: string; expr: Record<string, unknown>[] } | undefined;
    const counter = rule?.expr.find((part) => 'counter' in part)?.counter as Counter | undefined;
    if (!rule || !counter) return [];
    const { packets, bytes } = counter;
    return [{ chain: rule.chain, packets, bytes, ...(rule.comment && { comment: rule.comment }) }];
  });
}

/** Whether a table is there. */
export async function tableExists(ns: string, table = 'knockgate'): Promise<boolean> {
  return (await run(ns, ['nft', 'list', 'table', 'inet', table])).code === 0;
}
