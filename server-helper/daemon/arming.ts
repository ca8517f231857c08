import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { GateConfig } from '../config/gate-config.ts';
import type { Armed, Firewall, FirewallPlan } from '../firewall/firewall.ts';
import { reasonOf } from '../problems.ts';

export interface ArmingParts {
  readonly firewall: Firewall;
  readonly audit: Audit;
  readonly clock: Clock;
  /** @param leaveOut told why a part of the plan is missing */
  readonly planOf: (config: GateConfig, leaveOut: (fault: string) => void) => Promise<FirewallPlan>;
  /** Told each plan that is in force and not on trial. */
  readonly armedForGood: (plan: FirewallPlan) => void;
}

/** Parts of a plan that a gate can do without, by their tables in gate.toml. */
const PARTS = { decoys: '[[decoy]]', sequences: 'sequences of ports' } as const;
type Part = keyof typeof PARTS;
const TRIES: readonly (readonly Part[])[] = [[], ['decoys'], ['sequences'], ['decoys', 'sequences']];

/**
 * Arms the firewall. A start leaves out decoys and sequences that the kernel refuses, or whose code is missing: the owner must get in.
 * A reload leaves out only what is left out already, so that a new mistake changes nothing.
 */
export class Arming {
  /** Parts that are left out, each with the reason. */
  leftOut: readonly string[] = [];
  private readonly parts: ArmingParts;
  /** Parts that the next call may leave out: at a start, any. */
  private without: readonly Part[] = ['decoys', 'sequences'];

  constructor(parts: ArmingParts) {
    this.parts = parts;
  }

  /**
   * @param trialUntil in seconds of the boot clock; undefined: for good
   * @throws the error of the whole plan, when nothing helps
   */
  async arm(config: GateConfig, trialUntil: number | undefined): Promise<Armed> {
    const { firewall, clock, planOf, armedForGood } = this.parts;
    const faults: string[] = [];
    const planned = await planOf(config, (fault) => faults.push(fault));
    const left = trialUntil === undefined ? undefined : (trialUntil - clock.uptime()) * 1000;
    const whole = left === undefined ? planned : { ...planned, trialUntil: clock.steady() + left };
    const errors: unknown[] = [];
    for (const without of TRIES) {
      if (!without.every((part) => planned[part] !== undefined && this.without.includes(part))) continue;
      const plan = {
        ...whole,
        decoys: without.includes('decoys') ? undefined : whole.decoys,
        sequences: without.includes('sequences') ? undefined : whole.sequences,
      };
      try {
        const armed = await firewall.arm(plan);
        if (trialUntil === undefined) armedForGood(plan);
        this.without = without;
        this.tell([
          ...faults,
          ...without.map((part) => `${PARTS[part]}: ${reasonOf(errors[0]).replaceAll('\n', ' ')}`),
        ]);
        return armed;
      } catch (error) {
        errors.push(error);
      }
    }
    throw errors[0];
  }

  private tell(faults: readonly string[]): void {
    for (const fault of faults)
      if (!this.leftOut.includes(fault))
        this.parts.audit({ event: 'skipped', detail: `${fault} — running without it` });
    this.leftOut = faults;
  }
}
