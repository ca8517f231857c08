import type { Family } from '../base/addresses.ts';
import { formatPortRange, type PortRange } from '../base/ports.ts';

/** Where knockd and its like put the address of who knocked. */
export const KNOCKER = '%IP%';

/** A rule that lets packets in, as far as a gate can judge it. */
export interface Rule {
  /** undefined: both. */
  readonly family: Family | undefined;
  readonly source: 'knocker' | 'anybody';
  /** Every port of both protocols where the rule names none. */
  readonly ports: readonly PortRange[];
  /** Other conditions, as written, that a packet must meet and a gate does not check: `-i eth1`. */
  readonly conditions: readonly string[];
  /** Reason why a gate does not open what this rule lets in; undefined when it does. */
  readonly unfit?: string | undefined;
}

/** Effect of one command. Anything unknown is refused, with a reason that can follow a colon. */
export type Effect =
  | {
      readonly does: 'allow';
      readonly rule: Rule;
      /** After which the firewall itself takes the rule back. */
      readonly seconds?: number | undefined;
      /** A firewall that loads this rule at its next reload only. */
      readonly atReload?: boolean;
    }
  /** `rule` is undefined where the command tells a number of a rule and not what is in it. */
  | { readonly does: 'remove'; readonly rule: Rule | undefined }
  | { readonly does: 'check'; readonly rule: Rule }
  | { readonly does: 'reload' }
  /** Is about a rule that logs or counts, and neither opens nor shuts anything. */
  | { readonly does: 'nothing'; readonly rule: Rule; readonly isAdded: boolean }
  | Refusal;

export interface Refusal {
  readonly does: 'refused';
  readonly why: string;
}

export function refused(why: string): Refusal {
  return { does: 'refused', why };
}

/** Every port of TCP and UDP. */
export const ALL_PORTS: readonly PortRange[] = [
  { protocol: 'tcp', first: 0, last: 65_535 },
  { protocol: 'udp', first: 0, last: 65_535 },
];

export function isAllPorts(ports: readonly PortRange[]): boolean {
  return ALL_PORTS.every(({ protocol, first, last }) =>
    ports.some((each) => each.protocol === protocol && each.first === first && each.last === last),
  );
}

/** The same text for rules that let in the same packets, whatever the order of their words. */
export function keyOf({ family, source, ports, conditions, unfit }: Rule): string {
  return JSON.stringify([family, source, ports.map(formatPortRange).sort(), [...conditions].sort(), unfit]);
}
