import { formatNetwork, isIPv4 } from '../../src/base/addresses.ts';
import { PROTOCOL_NUMBER, type RequestedPort } from '../../src/base/ports.ts';
import { TIME_STEP_SECONDS } from '../../src/sequence/one-time.ts';
import type { SequencePlan } from './firewall.ts';
import { completionRule } from './sequence-log.ts';
import { NOWHERE, type SequenceTree, type TreePosition } from './sequence-tree.ts';
import { TABLE } from './table-name.ts';

/** Sources that may be on their way at one time. */
const MOST_SOURCES = 65_536;
const ONCE_SECONDS = 600;

/** Sets of grants that sequences gave, by IP version. */
export const SEQUENCE_GRANTS = { 4: 'sequence_granted4', 6: 'sequence_granted6' } as const;

/** Is among the used ones while the set does not reach back as far as a sequence that could still open. */
export const ARMED_ANEW = placeText(0xffff_fffe);
const ARMED_ANEW_SECONDS = 4 * TIME_STEP_SECONDS;

/** Sets, maps and chains that are there whenever a sequence is; in the order in which they can be made. */
const MAPS = [
  `sequence_at4 { typeof ip saddr : meta priority; flags dynamic,timeout; size ${MOST_SOURCES}; }`,
  `sequence_at6 { typeof ip6 saddr : meta priority; flags dynamic,timeout; size ${MOST_SOURCES}; }`,
  'sequence_steps { typeof meta priority . meta l4proto . th dport : meta priority; flags timeout; }',
  'sequence_arrivals { typeof meta priority : verdict; }',
];
const SETS = [
  'sequence_repeats { typeof meta priority . meta l4proto . th dport; }',
  `sequence_used { typeof meta priority; flags dynamic,timeout; timeout ${ONCE_SECONDS}s; size 1048576; }`,
  `${SEQUENCE_GRANTS[4]} { typeof ip saddr . meta l4proto . th dport; flags dynamic,timeout; size ${MOST_SOURCES}; }`,
  `${SEQUENCE_GRANTS[6]} { typeof ip6 saddr . meta l4proto . th dport; flags dynamic,timeout; size ${MOST_SOURCES}; }`,
];

/** Chains that stay as they are from one arming to the next. */
export const SEQUENCE_CHAINS: readonly string[] = ['sequence', 'sequence_step', 'sequence_done'];
/** Begin of the names of the chains in which steps end; how many there are depends on the sequences. */
const END_CHAIN = 'sequence_end_';

/**
 * Where a source is in the tree is kept for its address, and carried through the rules in `meta priority`: nothing reads that
 * of a packet to this host but `let-in.ts`, whereas marks are used by routing and by containers.
 */
const RULES = [
  'iifname "lo" accept',
  'meta l4proto tcp tcp flags & (fin|syn|rst|ack) != syn accept',
  'meta l4proto != { tcp, udp } accept',
  // What a source does meanwhile on connections that it has does not disturb its steps.
  'meta l4proto udp ct state established accept',
  'fib daddr type != local accept',
  `meta priority set ${placeText(NOWHERE)}`,
  'meta priority set ip saddr map @sequence_at4',
  'meta priority set ip6 saddr map @sequence_at6',
  // A SYN that is sent again.
  'meta priority . meta l4proto . th dport @sequence_repeats goto sequence_done',
  // A lookup that finds nothing ends its rule.
  'meta priority set meta priority . meta l4proto . th dport map @sequence_steps goto sequence_step',
  // Another try begins.
  `meta priority set ${placeText(NOWHERE)}`,
  'meta priority set meta priority . meta l4proto . th dport map @sequence_steps goto sequence_step',
  // Any other port: all steps are forgotten, or a scan would find its way in.
  ...forget(),
];

/** The commands that have the kernel follow sources through sequences; part of the script that makes the table. */
export function renderSequenceTable(): string[] {
  const rule = (chain: string) => (text: string) => `add rule ${TABLE} ${chain} ${text}`;
  return [
    ...MAPS.map((map) => `add map ${TABLE} ${map}`),
    ...SETS.map((set) => `add set ${TABLE} ${set}`),
    `add chain ${TABLE} sequence_step`,
    `add chain ${TABLE} sequence_done`,
    // After connection tracking, before the chain that hides: a step may go to a hidden port.
    `add chain ${TABLE} sequence { type filter hook prerouting priority mangle - 1; }`,
    ...SEQUENCE_CHAINS.map((chain) => `flush chain ${TABLE} ${chain}`),
    // Places have other numbers in another process.
    ...names(MAPS).map((map) => `flush map ${TABLE} ${map}`),
    `flush set ${TABLE} sequence_repeats`,
    ...RULES.map(rule('sequence')),
    ...[...forget(), 'meta priority vmap @sequence_arrivals'].map(rule('sequence_step')),
    // A step goes on like any other packet: an answer that others do not get would give it away.
    ...[`meta priority set ${placeText(NOWHERE)}`, 'accept'].map(rule('sequence_done')),
  ];
}

/**
 * The commands that undo `renderSequenceTable` and `renderSequences`, for a configuration that has no sequences any more.
 * @param chains names of all chains that the table has: what a chain names cannot be deleted before it
 */
export function renderNoSequences(chains: readonly string[]): string {
  const ours = [...SEQUENCE_CHAINS.filter((chain) => chains.includes(chain)), ...sequenceEnds(chains)];
  return [
    ...names(MAPS).map((map) => `flush map ${TABLE} ${map}`),
    ...ours.map((chain) => `flush chain ${TABLE} ${chain}`),
    ...ours.map((chain) => `delete chain ${TABLE} ${chain}`),
    ...names(MAPS).map((map) => `delete map ${TABLE} ${map}`),
    ...names(SETS).map((set) => `delete set ${TABLE} ${set}`),
  ].join('\n');
}

/** Those of the chains in which steps end: they are replaced along with the sequences. */
export function sequenceEnds(chains: readonly string[]): string[] {
  return chains.filter((chain) => chain.startsWith(END_CHAIN));
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

/** The commands that replace the sequences that open, in one transaction; sources that are on their way go on. */
export function renderSequences({ steps, arrivals }: SequenceTree): string {
  const chains = new Map<string, string>();
  const targets: string[] = [];
  for (const [place, arrival] of arrivals) {
    const rules = 'waitSeconds' in arrival ? waitRules(arrival.waitSeconds) : doorRules(arrival.sequence);
    targets.push(`${placeText(place)} : goto ${chainFor(rules, chains)}`);
  }
  const expiry = (seconds: number | undefined) => (seconds === undefined ? '' : ` timeout ${seconds}s`);
  const stepElements = steps.map(
    ({ from, port, to, expiresIn }) => `${placeText(from)} . ${portText(port)}${expiry(expiresIn)} : ${placeText(to)}`,
  );
  // Not the last step: who sends that again is let in already.
  const repeats = steps
    .filter(({ to }) => 'waitSeconds' in (arrivals.get(to) ?? {}))
    .map(({ port, to }) => `${placeText(to)} . ${portText(port)}`);
  return [
    `flush map ${TABLE} sequence_steps`,
    `flush map ${TABLE} sequence_arrivals`,
    `flush set ${TABLE} sequence_repeats`,
    ...[...chains].flatMap(([rules, chain]) => [
      `add chain ${TABLE} ${chain}`,
      `flush chain ${TABLE} ${chain}`,
      ...rules.split('\n').map((rule) => `add rule ${TABLE} ${chain} ${rule}`),
    ]),
    ...elements('sequence_arrivals', targets),
    ...elements('sequence_repeats', repeats),
    ...elements('sequence_steps', stepElements),
  ].join('\n');
}

function elements(set: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [`add element ${TABLE} ${set} { ${texts.join(', ')} }`];
}

/** A step that is not the last. Adding what is there changes nothing: `sequence_step` has forgotten the place before. */
function waitRules(seconds: number): string[] {
  return [
    `add @sequence_at4 { ip saddr timeout ${seconds}s : meta priority }`,
    `add @sequence_at6 { ip6 saddr timeout ${seconds}s : meta priority }`,
    'goto sequence_done',
  ];
}

/** The last step. */
function doorRules({ sources, ports, seconds, once, log }: SequencePlan): string[] {
  const networks4 = sources.filter(({ address }) => isIPv4(address)).map(formatNetwork);
  const networks6 = sources.filter(({ address }) => !isIPv4(address)).map(formatNetwork);
  const refuse = (family: string, header: string, networks: readonly string[]) =>
    networks.length === 0
      ? `meta nfproto ${family} goto sequence_done`
      : `${header} saddr != { ${networks.join(', ')} } goto sequence_done`;
  return [
    ...(sources.length === 0 ? [] : [refuse('ipv4', 'ip', networks4), refuse('ipv6', 'ip6', networks6)]),
    ...(once === undefined
      ? []
      : [
          'meta priority @sequence_used goto sequence_done',
          'add @sequence_used { meta priority }',
          // Where the kernel had no room to note it, nothing opens: it could be used again.
          'meta priority != @sequence_used goto sequence_done',
        ]),
    ...ports.flatMap((port) => [
      `update @${SEQUENCE_GRANTS[4]} { ip saddr . ${portNumbers(port)} timeout ${seconds}s }`,
      `update @${SEQUENCE_GRANTS[6]} { ip6 saddr . ${portNumbers(port)} timeout ${seconds}s }`,
    ]),
    ...(log === undefined ? [] : [completionRule(log)]),
    'goto sequence_done',
  ];
}

function names(texts: readonly string[]): (string | undefined)[] {
  return texts.map((text) => text.split(' ', 1)[0]);
}

function forget(): string[] {
  return ['delete @sequence_at4 { ip saddr : meta priority }', 'delete @sequence_at6 { ip6 saddr : meta priority }'];
}

/** Chains with the same rules are one. */
function chainFor(rules: readonly string[], chains: Map<string, string>): string {
  const text = rules.join('\n');
  const name = chains.get(text) ?? `${END_CHAIN}${chains.size}`;
  chains.set(text, name);
  return name;
}

/** tc's notation for a priority, which is how nft writes `meta priority`: two halves of 16 bits in hexadecimal. */
function placeText(place: TreePosition): string {
  return `${(place >>> 16).toString(16)}:${(place & 0xffff).toString(16)}`;
}

function portText({ protocol, port }: RequestedPort): string {
  return `${protocol} . ${port}`;
}

/** In a statement nft takes the protocol as a number only. */
function portNumbers({ protocol, port }: RequestedPort): string {
  return `${PROTOCOL_NUMBER[protocol]} . ${port}`;
}
