import { formatMilliseconds, formatSpan, type SequenceStep, type Span } from '../../src/sequence/step.ts';
import { hasConditions } from '../firewall/sequence-conditions.ts';
import type { TreePosition } from '../firewall/sequences.ts';
import type { SequenceTree } from './tree.ts';

/* The rules that hold a packet against the conditions of a step. */

/** Headers of IPv4 without options, of UDP and of an echo request, in bytes. */
const HEADER = { ip: 20, udp: 8, icmp: 8 } as const;

/** Notes that the next step must not come yet. Where the kernel has no room for that, the place is not reached. */
export function earlyRules(milliseconds: number): string[] {
  const timeout = formatMilliseconds(milliseconds);
  return [
    `update @sequence_early4 { ip saddr timeout ${timeout} }`,
    `update @sequence_early6 { ip6 saddr timeout ${timeout} }`,
    'ip saddr != @sequence_early4 goto sequence_done',
    'ip6 saddr != @sequence_early6 goto sequence_done',
  ];
}

/** A chain with the rules for one place and one port. */
export interface Choice {
  readonly from: TreePosition;
  /** Where the packet goes: its protocol and port count. */
  readonly target: SequenceStep;
  readonly rules: readonly string[];
}

/**
 * The choices of a tree.
 * @param placeText writes a place for nft
 */
export function choicesOf({ steps, arrivals }: SequenceTree, placeText: (place: TreePosition) => string): Choice[] {
  const choices = new Map<string, { from: TreePosition; target: SequenceStep; repeats: string[]; steps: string[] }>();
  const choiceOf = (from: TreePosition, target: SequenceStep) => {
    const key = `${from} ${target.protocol} ${target.port}`;
    const choice = choices.get(key) ?? { from, target, repeats: [], steps: [] };
    choices.set(key, choice);
    return choice;
  };
  for (const { from, packet, to } of steps.filter((step) => hasConditions(step.packet))) {
    const early =
      packet.afterMs === undefined ? [] : ['ip saddr @sequence_early4 return', 'ip6 saddr @sequence_early6 return'];
    const choice = choiceOf(from, packet);
    choice.steps.push(
      ...early.filter((rule) => !choice.steps.includes(rule)),
      ...matchesOf(packet).map((match) => `${match}meta priority set ${placeText(to)} goto sequence_step`),
    );
    // The same packet sent again; not the last one, which is let in already.
    if (isRepeatOfItsOwn(packet) && 'waitSeconds' in (arrivals.get(to) ?? {}))
      choiceOf(to, packet).repeats.push(...matchesOf(packet).map((match) => `${match}goto sequence_done`));
  }
  return [...choices.values()].map(({ from, target, repeats, steps }) => ({
    from,
    target,
    rules: [...repeats, ...steps],
  }));
}

/** Whether only a packet with its conditions is a repetition of the step; otherwise any packet to its port is. */
export function isRepeatOfItsOwn({ protocol, length, sport }: SequenceStep): boolean {
  return protocol === 'icmp' || length !== undefined || sport !== undefined;
}

/** The comparisons of nft with a packet, each with a blank behind it: one for each IP version where the two differ. */
function matchesOf({ protocol, length, sport }: SequenceStep): string[] {
  const from = sport === undefined ? '' : `th sport ${formatSpan(sport)} `;
  if (length === undefined) return [from];
  if (protocol === 'udp') return [`udp length ${lengthText(length, HEADER.udp)} ${from}`];
  const header = protocol === 'icmp' ? HEADER.icmp : 0;
  // Of IPv6 the length leaves out the header.
  return [
    `ip length ${lengthText(length, HEADER.ip + header)} ${from}`,
    `ip6 length ${lengthText(length, header)} ${from}`,
  ];
}

function lengthText({ first, last }: Span, header: number): string {
  return formatSpan({ first: first + header, last: last + header });
}
