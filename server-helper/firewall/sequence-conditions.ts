import type { SequenceStep } from '../../src/sequence/step.ts';
import type { SequencePlan } from './firewall.ts';

/*
 * Steps with conditions, which the map of plain steps cannot express. Where such a step may come, a chain looks at the packet:
 * `sequence_choice_…`. It is found by place and port, or by place alone for an echo request. A packet that fits none of its rules
 * goes on as one to a wrong port.
 */

/** The protocol ICMPv6: nft reads its name in a file that not every system has (/etc/protocols). */
const ICMPV6 = 58;

/** Maps for steps with conditions; a table without such steps does not have them. */
export const CONDITION_MAPS: readonly string[] = [
  'sequence_choices { typeof meta priority . meta l4proto . th dport : verdict; }',
  'sequence_pings { typeof meta priority : verdict; }',
];

/** Addresses for which the next step would come too early. @param size how many */
export function conditionSets(size: number): string[] {
  return [
    `sequence_early4 { typeof ip saddr; flags dynamic,timeout; size ${size}; }`,
    `sequence_early6 { typeof ip6 saddr; flags dynamic,timeout; size ${size}; }`,
  ];
}

/** The rules for conditions that are needed. */
export interface Needed {
  readonly choices: boolean;
  /** Without a step by ICMP, pings do not disturb a sequence. */
  readonly pings: boolean;
}

export function neededFor(sequences: readonly SequencePlan[]): Needed {
  const steps = sequences.flatMap((sequence) => sequence.steps);
  return { choices: steps.some(hasConditions), pings: steps.some(({ protocol }) => protocol === 'icmp') };
}

/** Whether the map of plain steps cannot hold a step. A longest time is the kernel's timeout, and no matter here. */
export function hasConditions({ protocol, length, sport, afterMs }: SequenceStep): boolean {
  return protocol === 'icmp' || length !== undefined || sport !== undefined || afterMs !== undefined;
}

/** Lets only packets pass that may be steps. */
export function stepPackets({ pings }: Needed): string[] {
  if (!pings) return ['meta l4proto != { tcp, udp } accept'];
  return [
    `meta l4proto != { tcp, udp, icmp, ${ICMPV6} } accept`,
    'icmp type != echo-request accept',
    'icmpv6 type != echo-request accept',
  ];
}

/** Judges a packet by the conditions of the place that its source has reached. */
export function choiceRules({ choices, pings }: Needed): string[] {
  return [
    ...(choices ? ['meta priority . meta l4proto . th dport vmap @sequence_choices'] : []),
    ...(pings ? [`meta l4proto { icmp, ${ICMPV6} } meta priority vmap @sequence_pings`] : []),
  ];
}
