import { sameBytes } from '../../src/base/addresses.ts';
import { covers, type PortRange } from '../../src/base/ports.ts';
import type { FirewallPlan, LiveGrant, SeenTag } from './firewall.ts';
import { chainNames, ourChains, parseGrants, parseTags } from './listing.ts';
import { runNft } from './nft-once.ts';
import { SEQUENCE_GRANTS, sequenceEnds } from './sequences.ts';
import { openSet } from './spa-rules.ts';
import { rangeSet } from './table.ts';
import { TABLE } from './table-name.ts';

/* Reads our table from the kernel, by running nft. */

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

/** The epoch up to which it is unknown which tags were used (`renderUnknown`). */
export async function readUnknown(): Promise<number | undefined> {
  const listed = await runNft(['list', 'set', ...TABLE.split(' '), 'unknown'], '').catch(() => '');
  const [, epoch] = /elements = \{ (0x[0-9a-f]+) /.exec(listed) ?? [];
  return epoch === undefined ? undefined : Number(epoch);
}

/** Whether the table is there, with a set of that name. */
export async function exists(set: string, kind = 'set'): Promise<boolean> {
  const found = await runNft(['list', kind, ...TABLE.split(' '), set], '').catch(() => undefined);
  return found !== undefined;
}

/**
 * The live grants of a plan.
 * @param by who gave them: the daemon, or the kernel to who completed a sequence
 */
export async function readGrants(plan: FirewallPlan, by: 'daemon' | 'kernel'): Promise<LiveGrant[]> {
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
  for (const [set, range] of by === 'daemon' ? ofDaemon : ofKernel) {
    // Not there yet: nothing was granted.
    const json = await listSet(set);
    if (json !== undefined) grants.push(...parseGrants(json, range));
  }
  return grants;
}

/**
 * All live grants. Where no daemon has confirmed it yet, what the kernel has opened by itself is one.
 * @param named tells which sequences gave grants
 */
export async function readAllGrants(
  plan: FirewallPlan,
  named: (grants: LiveGrant[]) => Promise<LiveGrant[]>,
): Promise<LiveGrant[]> {
  const grants = [...(await readGrants(plan, 'daemon')), ...(await named(await readGrants(plan, 'kernel')))];
  const isListed = ({ address, port }: LiveGrant) =>
    grants.some((grant) => sameBytes(grant.address, address) && covers(grant.port, port));
  return [...grants, ...(await readOpened(plan)).filter((grant) => !isListed(grant))];
}

/** Reads what the kernel has opened by itself: a grant for each port of the profile. */
async function readOpened({ profiles }: FirewallPlan): Promise<LiveGrant[]> {
  const opened: LiveGrant[] = [];
  for (const [profile, ports] of profiles)
    for (const family of [4, 6] as const) {
      const json = await listSet(openSet(profile, family));
      if (json === undefined) continue;
      for (const port of ports)
        opened.push(...parseGrants(json, port).map((grant) => ({ ...grant, client: BY_KERNEL })));
    }
  return opened;
}

/** The tags that the kernel has opened to, or has asked the daemon about. */
export async function readSeenTags({ spentSeconds }: FirewallPlan): Promise<SeenTag[]> {
  const seen: SeenTag[] = [];
  for (const [set, isOpened] of [
    ['spent', true],
    ['heard', false],
  ] as const) {
    const json = await listSet(set);
    const tags = json === undefined ? [] : parseTags(json);
    seen.push(...tags.map(({ tag, expires }) => ({ tag, isOpened, secondsAgo: spentSeconds - expires })));
  }
  return seen;
}

/** Said of a grant that the kernel gave and no daemon has confirmed. No client can have a name with a space. */
const BY_KERNEL = 'the kernel';

/** Undefined when it is not there. */
function listSet(set: string): Promise<string | undefined> {
  return runNft(['-j', 'list', 'set', ...TABLE.split(' '), set], '').catch(() => undefined);
}

/** A set of grants, and the range that all of them are for; undefined where each has its own port. */
type GrantSet = [string, PortRange | undefined];
