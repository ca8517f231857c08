import { formatNetwork, isIPv4 } from '../../src/base/addresses.ts';
import { PROTOCOL_NUMBER, type RequestedPort } from '../../src/base/ports.ts';
import { formatMilliseconds, type SequenceStep } from '../../src/sequence/step.ts';
import type { SequencePlan } from '../firewall/firewall.ts';
import { CONDITION_MAPS, hasConditions, neededFor } from '../firewall/sequence-conditions.ts';
import { completionRule } from '../firewall/sequence-log.ts';
import {
  CHOICE_CHAIN,
  EARLY_SETS,
  END_CHAIN,
  isChoice,
  MAPS,
  names,
  placeText,
  SEQUENCE_CHAINS,
  SEQUENCE_GRANTS,
  SETS,
  sequenceEnds,
} from '../firewall/sequences.ts';
import { TABLE } from '../firewall/table-name.ts';
import { choicesOf, earlyRules, isRepeatOfItsOwn } from './choices.ts';
import { originRules } from './origins.ts';
import type { Arrival, SequenceTree } from './tree.ts';

/** The commands that replace the sequences that open, in one transaction; sources that are on their way go on. */
export function renderSequences(tree: SequenceTree): string {
  const { steps, arrivals } = tree;
  const chains = new Map<string, string>();
  const choices = new Map<string, string>();
  const targets: string[] = [];
  for (const [place, arrival] of arrivals) {
    const rules = 'waitSeconds' in arrival ? waitRules(arrival) : doorRules(arrival.sequence);
    targets.push(`${placeText(place)} : goto ${chainFor(rules, chains, END_CHAIN)}`);
  }
  const found = choicesOf(tree, placeText).map(({ from, target, rules }) => {
    const key = target.protocol === 'icmp' ? placeText(from) : `${placeText(from)} . ${portText(target)}`;
    return { isPing: target.protocol === 'icmp', element: `${key} : jump ${chainFor(rules, choices, CHOICE_CHAIN)}` };
  });
  const ofChoices = (isPing: boolean) => found.filter((each) => each.isPing === isPing).map(({ element }) => element);
  const expiry = (seconds: number | undefined) => (seconds === undefined ? '' : ` timeout ${seconds}s`);
  const stepElements = steps
    .filter(({ packet }) => !hasConditions(packet))
    .map(
      ({ from, packet, to, expiresIn }) =>
        `${placeText(from)} . ${portText(packet)}${expiry(expiresIn)} : ${placeText(to)}`,
    );
  // Not the last step: who sends that again is let in already.
  const repeats = steps
    .filter(({ to, packet }) => !isRepeatOfItsOwn(packet) && 'waitSeconds' in (arrivals.get(to) ?? {}))
    .map(({ packet, to }) => `${placeText(to)} . ${portText(packet)}`);
  return [
    `flush map ${TABLE} sequence_steps`,
    `flush map ${TABLE} sequence_arrivals`,
    `flush set ${TABLE} sequence_repeats`,
    ...(found.length === 0 ? [] : names(CONDITION_MAPS).map((map) => `flush map ${TABLE} ${map}`)),
    ...[...chains, ...choices].flatMap(([rules, chain]) => [
      `add chain ${TABLE} ${chain}`,
      `flush chain ${TABLE} ${chain}`,
      ...rules.split('\n').map((rule) => `add rule ${TABLE} ${chain} ${rule}`),
    ]),
    ...elements('sequence_arrivals', targets),
    ...elements('sequence_repeats', repeats),
    ...elements('sequence_steps', stepElements),
    ...elements('sequence_choices', ofChoices(false)),
    ...elements('sequence_pings', ofChoices(true)),
  ].join('\n');
}

function elements(set: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [`add element ${TABLE} ${set} { ${texts.join(', ')} }`];
}

/** A step that is not the last. Adding what is there changes nothing: `sequence_step` has forgotten the place before. */
function waitRules({ waitSeconds, earlyMs }: Extract<Arrival, { waitSeconds: number }>): string[] {
  const timeout = formatMilliseconds(Math.round(waitSeconds * 1000));
  return [
    ...(earlyMs === undefined ? [] : earlyRules(earlyMs)),
    `add @sequence_at4 { ip saddr timeout ${timeout} : meta priority }`,
    `add @sequence_at6 { ip6 saddr timeout ${timeout} : meta priority }`,
    'goto sequence_done',
  ];
}

/** The last step. */
function doorRules(sequence: SequencePlan): string[] {
  const { sources, ports, seconds, once, log } = sequence;
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
    ...ports.flatMap((port) => originRules(sequence, port)),
    ...(log === undefined ? [] : [completionRule(log)]),
    'goto sequence_done',
  ];
}

/**
 * The commands that undo `renderSequenceTable` and `renderSequences`, for a configuration that has no sequences any more.
 * @param chains names of all chains that the table has: what a chain names cannot be deleted before it
 */
export function renderNoSequences(chains: readonly string[]): string {
  const ours = [...SEQUENCE_CHAINS.filter((chain) => chains.includes(chain)), ...sequenceEnds(chains)];
  const [maps, sets] = chains.some(isChoice)
    ? [
        [...MAPS, ...CONDITION_MAPS],
        [...SETS, ...EARLY_SETS],
      ]
    : [MAPS, SETS];
  return renderWithout(ours, maps, sets);
}

/**
 * The commands that take away what only conditions need, where the table has that and the sequences have none. Chains in which steps
 * end use it as well: `renderSequences` makes them anew.
 */
export function renderNoConditions(chains: readonly string[], sequences: readonly SequencePlan[]): string {
  if (neededFor(sequences).choices || !chains.some(isChoice)) return '';
  const arrivals = `flush map ${TABLE} sequence_arrivals\n`;
  return `${arrivals}${renderWithout(sequenceEnds(chains), CONDITION_MAPS, EARLY_SETS)}`;
}

function renderWithout(chains: readonly string[], maps: readonly string[], sets: readonly string[]): string {
  return [
    ...names(maps).map((map) => `flush map ${TABLE} ${map}`),
    ...chains.map((chain) => `flush chain ${TABLE} ${chain}`),
    ...chains.map((chain) => `delete chain ${TABLE} ${chain}`),
    ...names(maps).map((map) => `delete map ${TABLE} ${map}`),
    ...names(sets).map((set) => `delete set ${TABLE} ${set}`),
  ].join('\n');
}

/** Chains with the same rules are one. */
function chainFor(rules: readonly string[], chains: Map<string, string>, begin: string): string {
  const text = rules.join('\n');
  const name = chains.get(text) ?? `${begin}${chains.size}`;
  chains.set(text, name);
  return name;
}

function portText({ protocol, port }: Pick<SequenceStep, 'protocol' | 'port'>): string {
  return `${protocol} . ${port}`;
}

/** In a statement nft takes the protocol as a number only. */
function portNumbers({ protocol, port }: RequestedPort): string {
  return `${PROTOCOL_NUMBER[protocol]} . ${port}`;
}
