import { DATAGRAM_LENGTH } from '../../src/spa/message.ts';
import { PLACE_PREFIX } from '../../src/spa/tags.ts';
import { LOG_PREFIX } from '../log-prefix.ts';
import type { FirewallPlan } from './firewall.ts';
import { source6 } from './source.ts';
import { TABLE } from './table-name.ts';
import { BOUND, DAEMON_ONLY, formatMark, PROFILE_BITS } from './tag-marks.ts';

/**
 * The part of the table that hears knocks (docs/internals.md, "The kernel opens"). What the rules hold to:
 *
 * - One rule adds a tag to `spent` and opens. "Drop if in @spent", and then `add @spent`, is two steps: on two cores a tag opened
 *   twice. The element's own token bucket is locked, so it lets one packet through.
 * - nft adds nothing to `spent` but elements whose bucket lets nothing through (`renderClaim`). One without a bucket would open without end.
 * - When `spent` is full the rule does not match. The daemon, which cannot tell that from a used tag, refuses, and the client's next
 *   knock carries an ordinary tag.
 * - Asking the daemon does not use a tag up: a copy with another body, delivered first, must not burn the owner's.
 */

const UDP_HEADER = 8;
/** docs/protocol.md, "Tag": the first 16 bytes after the UDP header. */
const TAG = '@th,64,128';
/** Packets with one tag that the daemon hears: the owner's, and some that others may have sent before it. */
const HEARD = 3;
/** Used tags that are remembered. */
const MOST_USED = 524_288;
/** Addresses for which the kernel has opened at a time. */
const MOST_OPEN = 65_536;
/** Seconds for which the kernel opens by itself. The daemon extends that; a client repeats its SYN after 1 and 3 s. */
const OPEN_SECONDS = 4;
/** Seconds for which the kernel believes that a daemon hears packets. */
export const HEARING_SECONDS = 30;
/** Sets by which a daemon shows that it hears packets. Two, renewed in turn: one is there at any time. */
export const HEARING_SETS = ['hearing_a', 'hearing_b'] as const;

/** Name of the set of addresses for which the kernel has opened a profile's ports. */
export function openSet(profile: number, family: 4 | 6): string {
  return `open${family}_${profile}`;
}

function profileChain(profile: number): string {
  return `open_${profile}`;
}

/** Sets, maps, counters and the guard; added before any rule. */
export function renderSpaSets({ spentSeconds, profiles, withoutDaemon }: FirewallPlan): string[] {
  const used = `typeof ${TAG}; flags dynamic,timeout; timeout ${spentSeconds}s; size ${MOST_USED};`;
  return [
    `add chain ${TABLE} guard`,
    `add map ${TABLE} tags { typeof ${TAG} : meta mark; flags timeout; }`,
    `add set ${TABLE} known4 { typeof meta mark . ip saddr; }`,
    `add set ${TABLE} known6 { typeof meta mark . ip6 saddr; }`,
    `add set ${TABLE} spent { ${used} }`,
    `add set ${TABLE} heard { ${used} }`,
    // The epoch up to which this table does not know what was used: also a daemon that comes later must know that.
    `add set ${TABLE} unknown { type mark; flags timeout; }`,
    ...(withoutDaemon === 'first'
      ? HEARING_SETS.map((set) => `add set ${TABLE} ${set} { type inet_proto; flags timeout; }`)
      : []),
    ...[...profiles.keys()].flatMap((profile) =>
      ([4, 6] as const).map(
        (family) =>
          `add set ${TABLE} ${openSet(profile, family)} { typeof ip${family === 4 ? '' : 6} saddr; flags dynamic,timeout; timeout ${OPEN_SECONDS}s; size ${MOST_OPEN}; }`,
      ),
    ),
    ...['opened', 'asked', 'spent', 'junk'].map((counter) => `add counter ${TABLE} ${counter}`),
  ];
}

/** Names of the chains that a plan decides on. */
export function spaChains({ profiles }: FirewallPlan): string[] {
  return [...[...profiles.keys()].map(profileChain), 'ask', 'open', 'spa'];
}

/** Rules by chain, but for `guard`, which a plan does not change. */
export function spaRules(plan: FirewallPlan): ReadonlyMap<string, readonly string[]> {
  const from6 = source6(plan.ipv6Prefix);
  const knownFrom6 = source6(Math.max(PLACE_PREFIX, plan.ipv6Prefix));
  const lengths = `${UDP_HEADER + DATAGRAM_LENGTH.least}-${UDP_HEADER + DATAGRAM_LENGTH.most}`;
  const opens = [...plan.profiles.keys()].map((profile) => `${profile} : goto ${profileChain(profile)}`);
  return new Map([
    ...[...plan.profiles.keys()].map((profile): [string, string[]] => [
      profileChain(profile),
      [
        `update @${openSet(profile, 4)} { ip saddr timeout ${OPEN_SECONDS}s }`,
        `update @${openSet(profile, 6)} { ${from6} timeout ${OPEN_SECONDS}s }`,
        `counter name opened ${toDaemon(plan, LOG_PREFIX.opened)}`,
      ],
    ]),
    [
      'ask',
      [
        `add @heard { ${TAG} limit rate 1/day burst ${HEARD} packets } counter name asked ${toDaemon(plan, LOG_PREFIX.asked)}`,
        'counter name spent drop',
      ],
    ],
    [
      'open',
      [
        'jump guard',
        ...(opens.length === 0
          ? []
          : [
              `add @spent { ${TAG} limit rate 1/day burst 1 packets } meta mark & ${formatMark(PROFILE_BITS)} vmap { ${opens.join(', ')} }`,
            ]),
        'goto ask',
      ],
    ],
    [
      'spa',
      [
        // Junk first: a flood costs one lookup. What is too short to hold a tag breaks off there, and meets the length.
        'meta mark set 0',
        `meta mark set ${TAG} map @tags`,
        'meta mark 0 counter name junk drop',
        `udp length != ${lengths} counter name junk drop`,
        // Behind extension headers the tag would be looked for at the wrong place.
        'meta nfproto ipv6 ip6 nexthdr != udp counter name junk drop',
        ...(plan.decoys?.spa ?? []),
        `meta mark & ${formatMark(DAEMON_ONLY)} != 0 goto ask`,
        'meta mark . ip saddr @known4 goto open',
        `meta mark . ${knownFrom6} @known6 goto open`,
        `meta mark & ${formatMark(BOUND)} != 0 goto ask`,
        ...(plan.withoutDaemon === 'first'
          ? [...HEARING_SETS.map((set) => `meta l4proto @${set} goto ask`), 'goto open']
          : ['goto ask']),
      ],
    ],
  ]);
}

/**
 * The rules that let in those for whom the kernel has opened.
 * @param open the verdict
 */
export function openedRules({ profiles, ipv6Prefix }: FirewallPlan, open: string): string[] {
  return [...profiles].flatMap(([profile, ports]) => {
    const elements = ports.map(
      ({ protocol, first, last }) => `${protocol} . ${first === last ? first : `${first}-${last}`}`,
    );
    const match = `meta l4proto . th dport { ${elements.join(', ')} }`;
    return [
      `${match} ip saddr @${openSet(profile, 4)} ${open}`,
      `${match} ${source6(ipv6Prefix)} @${openSet(profile, 6)} ${open}`,
    ];
  });
}

/** In a new table the kernel asks the daemon, until it is given tags. */
export const GUARD_SHUT = `flush chain ${TABLE} guard; add rule ${TABLE} guard goto ask`;

/**
 * Has the kernel open by itself until a time, and ask the daemon from then on. So a ruleset that was saved and is loaded later opens
 * to none of the tags in it. A chain of its own: to change one that names a large map takes the kernel 60 ms.
 * @param until unix milliseconds
 */
export function renderGuard(until: number): string {
  const time = new Date(until).toISOString().slice(0, 19).replace('T', ' ');
  return `flush chain ${TABLE} guard; add rule ${TABLE} guard meta time > "${time}" goto ask`;
}

/** A matched packet that a bound socket is to hear keeps no mark: marks decide on routes. */
function toDaemon({ capture }: FirewallPlan, prefix: string): string {
  if (capture === 'socket') return 'meta mark set 0 accept';
  return `log prefix "${prefix}" group ${capture.nflogGroup} snaplen 1400 queue-threshold 1 drop`;
}
