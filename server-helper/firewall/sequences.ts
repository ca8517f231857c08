import { TIME_STEP_SECONDS } from '../../src/sequence/one-time.ts';
import type { SequencePlan } from './firewall.ts';
import {
  CONDITION_MAPS,
  choiceRules,
  conditionSets,
  type Needed,
  neededFor,
  stepPackets,
} from './sequence-conditions.ts';
import { TABLE } from './table-name.ts';

/** How far a source has come: a place in the tree of all sequences. */
export type TreePosition = number;

/** The place of somebody who has sent nothing yet. */
export const NOWHERE: TreePosition = 0;

/** Sources that may be on their way at one time. */
const MOST_SOURCES = 65_536;
const ONCE_SECONDS = 600;

/** Sets of grants that sequences gave, by IP version. */
export const SEQUENCE_GRANTS = { 4: 'sequence_granted4', 6: 'sequence_granted6' } as const;
/** Sets that note which sequence gave each of their elements. */
export const SEQUENCE_ORIGINS = { 4: 'sequence_origins4', 6: 'sequence_origins6' } as const;

/** Is among the used ones while the set does not reach back as far as a sequence that could still open. */
export const ARMED_ANEW = placeText(0xffff_fffe);
const ARMED_ANEW_SECONDS = 4 * TIME_STEP_SECONDS;

/** Sets, maps and chains that are there whenever a sequence is; in the order in which they can be made. */
export const MAPS = [
  `sequence_at4 { typeof ip saddr : meta priority; flags dynamic,timeout; size ${MOST_SOURCES}; }`,
  `sequence_at6 { typeof ip6 saddr : meta priority; flags dynamic,timeout; size ${MOST_SOURCES}; }`,
  'sequence_steps { typeof meta priority . meta l4proto . th dport : meta priority; flags timeout; }',
  'sequence_arrivals { typeof meta priority : verdict; }',
];
export const SETS = [
  'sequence_repeats { typeof meta priority . meta l4proto . th dport; }',
  `sequence_used { typeof meta priority; flags dynamic,timeout; timeout ${ONCE_SECONDS}s; size 1048576; }`,
  `${SEQUENCE_GRANTS[4]} { typeof ip saddr . meta l4proto . th dport; flags dynamic,timeout; size ${MOST_SOURCES}; }`,
  `${SEQUENCE_GRANTS[6]} { typeof ip6 saddr . meta l4proto . th dport; flags dynamic,timeout; size ${MOST_SOURCES}; }`,
  `${SEQUENCE_ORIGINS[4]} { typeof ip saddr . meta mark . th dport; flags dynamic,timeout; size ${MOST_SOURCES}; }`,
  `${SEQUENCE_ORIGINS[6]} { typeof ip6 saddr . meta mark . th dport; flags dynamic,timeout; size ${MOST_SOURCES}; }`,
];
export const EARLY_SETS = conditionSets(MOST_SOURCES);

/** Chains that stay as they are from one arming to the next. */
export const SEQUENCE_CHAINS: readonly string[] = ['sequence', 'sequence_step', 'sequence_done'];
/** Begins of the names of the chains in which steps are judged and end; how many there are depends on the sequences. */
export const CHOICE_CHAIN = 'sequence_choice_';
export const END_CHAIN = 'sequence_end_';

/**
 * Where a source is in the tree is kept for its address, and carried through the rules in `meta priority`: nothing reads that
 * of a packet to this host but `let-in.ts`, whereas marks are used by routing and by containers.
 */
function rulesFor(needed: Needed): string[] {
  return [
    'iifname "lo" accept',
    'meta l4proto tcp tcp flags & (fin|syn|rst|ack) != syn accept',
    ...stepPackets(needed),
    // What a source does meanwhile on connections that it has does not disturb its steps.
    'meta l4proto udp ct state established accept',
    'fib daddr type != local accept',
    `meta priority set ${placeText(NOWHERE)}`,
    'meta priority set ip saddr map @sequence_at4',
    'meta priority set ip6 saddr map @sequence_at6',
    ...choiceRules(needed),
    // A SYN that is sent again.
    'meta priority . meta l4proto . th dport @sequence_repeats goto sequence_done',
    // A lookup that finds nothing ends its rule.
    'meta priority set meta priority . meta l4proto . th dport map @sequence_steps goto sequence_step',
    // Another try begins.
    `meta priority set ${placeText(NOWHERE)}`,
    ...choiceRules(needed),
    'meta priority set meta priority . meta l4proto . th dport map @sequence_steps goto sequence_step',
    // Any other port: all steps are forgotten, or a scan would find its way in.
    ...forget(),
  ];
}

/**
 * The commands that have the kernel follow sources through sequences; part of the script that makes the table.
 * @param fixed the sequences that may have conditions
 * @param onStep rules for each packet that is a step
 */
export function renderSequenceTable(fixed: readonly SequencePlan[], onStep: readonly string[] = []): string[] {
  const rule = (chain: string) => (text: string) => `add rule ${TABLE} ${chain} ${text}`;
  const needed = neededFor(fixed);
  const maps = needed.choices ? [...MAPS, ...CONDITION_MAPS] : MAPS;
  const sets = needed.choices ? [...SETS, ...EARLY_SETS] : SETS;
  return [
    ...maps.map((map) => `add map ${TABLE} ${map}`),
    ...sets.map((set) => `add set ${TABLE} ${set}`),
    `add chain ${TABLE} sequence_step`,
    `add chain ${TABLE} sequence_done`,
    // After connection tracking, before the chain that hides: a step may go to a hidden port.
    `add chain ${TABLE} sequence { type filter hook prerouting priority mangle - 1; }`,
    ...SEQUENCE_CHAINS.map((chain) => `flush chain ${TABLE} ${chain}`),
    // Places have other numbers in another process.
    ...names(maps).map((map) => `flush map ${TABLE} ${map}`),
    `flush set ${TABLE} sequence_repeats`,
    ...rulesFor(needed).map(rule('sequence')),
    ...[...onStep, ...forget(), 'meta priority vmap @sequence_arrivals'].map(rule('sequence_step')),
    // A step goes on like any other packet: an answer that others do not get would give it away.
    ...[`meta priority set ${placeText(NOWHERE)}`, 'accept'].map(rule('sequence_done')),
  ];
}

/** Those of the chains in which steps are judged and end: they are replaced along with the sequences. */
export function sequenceEnds(chains: readonly string[]): string[] {
  return chains.filter((chain) => chain.startsWith(END_CHAIN) || isChoice(chain));
}

/** The command that notes that nobody knows which sequences were used before. */
export function renderArmedAnew(): string {
  return `add element ${TABLE} sequence_used { ${ARMED_ANEW} timeout ${ARMED_ANEW_SECONDS}s }`;
}

/**
 * The rules that let in whom a sequence opened for.
 * @param open their verdict
 */
export function sequenceGateRules(open: string): string[] {
  return [
    `ip saddr . meta l4proto . th dport @${SEQUENCE_GRANTS[4]} ${open}`,
    `ip6 saddr . meta l4proto . th dport @${SEQUENCE_GRANTS[6]} ${open}`,
  ];
}

export function names(texts: readonly string[]): (string | undefined)[] {
  return texts.map((text) => text.split(' ', 1)[0]);
}

export function isChoice(chain: string): boolean {
  return chain.startsWith(CHOICE_CHAIN);
}

function forget(): string[] {
  return ['delete @sequence_at4 { ip saddr : meta priority }', 'delete @sequence_at6 { ip6 saddr : meta priority }'];
}

/** tc's notation for a priority, which is how nft writes `meta priority`: two halves of 16 bits in hexadecimal. */
export function placeText(place: TreePosition): string {
  return `${(place >>> 16).toString(16)}:${(place & 0xffff).toString(16)}`;
}
