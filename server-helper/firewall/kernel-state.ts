import type { PortRange } from '../../src/base/ports.ts';
import type { FirewallPlan, LiveGrant } from './firewall.ts';
import { chainNames, ourChains, parseGrants } from './listing.ts';
import { runNft } from './nft-once.ts';
import { SEQUENCE_GRANTS, sequenceEnds } from './sequences.ts';
import { rangeSet } from './table.ts';
import { TABLE } from './table-name.ts';

/* What the kernel has in our table, read by running nft. */

/**
 * Lists rules without the elements of sets (-t). Of the whole family, though only our table is looked at: asked for one table or
 * chain, nft 1.0.6 reads every element of every set, which takes 7 seconds with 100,000 grants and 240,000 tags.
 */
export const LIST_RULES = ['list', 'ruleset', 'inet'];

/** All rules of the family with their handles, as text; throws as `runNft` does. */
export function listRules(): Promise<string> {
  return runNft(['-a', '-s', '-t', ...LIST_RULES], '');
}

/** How sequences end in what `listRules` printed; undefined where a chain is missing. */
export function endsIn(listed: string): string | undefined {
  return ourChains(listed, sequenceEnds(chainNames(listed)));
}

/** Whether rules of anybody keep packets from connection tracking. */
export async function bypassesTracking(): Promise<boolean> {
  // Rules of others that nft cannot list must not keep the gate from arming.
  return /\bnotrack\b/.test(await runNft(['-s', '-t', 'list', 'ruleset'], '').catch(() => ''));
}

/** Whether a set holds an element. */
export async function has(set: string, element: string): Promise<boolean> {
  const found = await runNft(['get', 'element', ...TABLE.split(' '), set, `{ ${element} }`], '').catch(() => undefined);
  return found !== undefined;
}

/** Whether the table is there, with a set of that name. */
export async function exists(set: string, kind = 'set'): Promise<boolean> {
  const found = await runNft(['list', kind, ...TABLE.split(' '), set], '').catch(() => undefined);
  return found !== undefined;
}

/**
 * The live grants of a plan.
 * @param by who gave them: the daemon, or the kernel to who completed a sequence; undefined for all
 */
export async function readGrants(plan: FirewallPlan, by?: 'daemon' | 'kernel'): Promise<LiveGrant[]> {
  const { ranges, sequences } = plan;
  const ofDaemon: GrantSet[] = [
    ['granted4', undefined],
    ['granted6', undefined],
    ...ranges.flatMap((range): GrantSet[] => [
      [rangeSet(range, 4), range],
      [rangeSet(range, 6), range],
    ]),
  ];
  const ofKernel =
    sequences === undefined ? [] : Object.values(SEQUENCE_GRANTS).map((set): GrantSet => [set, undefined]);
  const grants: LiveGrant[] = [];
  for (const [set, range] of [...(by === 'kernel' ? [] : ofDaemon), ...(by === 'daemon' ? [] : ofKernel)]) {
    // Not there yet: nothing was granted.
    const json = await runNft(['-j', 'list', 'set', ...TABLE.split(' '), set], '').catch(() => undefined);
    if (json !== undefined) grants.push(...parseGrants(json, range));
  }
  return grants;
}

/** A set of grants, and the range that all of them are for; undefined where each has its own port. */
type GrantSet = [string, PortRange | undefined];
