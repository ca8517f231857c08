import type { Family } from '../base/addresses.ts';
import { formatPortRange, type PortRange } from '../base/ports.ts';

/** The placeholder for which knockd and similar programs put the knocker's address. */
export const KNOCKER = '%IP%';

/** A rule that lets packets in, described as a gate can compare it. */
export interface Rule {
  /** Undefined: both. */
  readonly family: Family | undefined;
  readonly source: 'knocker' | 'anybody';
  /** All ports of both protocols when the rule names none. */
  readonly ports: readonly PortRange[];
  /** Other conditions of the rule, as written, which a gate does not check: `-i eth1`. */
  readonly conditions: readonly string[];
  /** Reason why a gate cannot open what this rule lets in; undefined when it can. */
  readonly unfit?: string | undefined;
}

/** Effect of one command. Unknown commands are refused, with a reason that can follow a colon. */
export type Effect =
  | {
      readonly does: 'allow';
      readonly rule: Rule;
      /** Seconds after which the firewall itself removes the rule. */
      readonly seconds?: number | undefined;
      /** Whether the firewall loads the rule only at its next reload. */
      readonly atReload?: boolean;
    }
  /** `rule` is undefined when the command names only the number of a rule. */
  | { readonly does: 'remove'; readonly rule: Rule | undefined }
  | { readonly does: 'check'; readonly rule: Rule }
  | { readonly does: 'reload' }
  /** The rule only logs or counts. */
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

/** A text that is the same for rules that let in the same packets, whatever the order of their words. */
export function keyOf({ family, source, ports, conditions, unfit }: Rule): string {
  return JSON.stringify([family, source, ports.map(formatPortRange).sort(), [...conditions].sort(), unfit]);
}
