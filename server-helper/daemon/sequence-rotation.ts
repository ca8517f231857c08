import { oneTimeSequence, TIME_STEP_SECONDS, timeStepAt } from '../../src/sequence/one-time.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import type { Clock } from '../clock.ts';
import type { LoadedGate } from '../config/load.ts';
import { fixedSequences } from '../config/plan.ts';
import { singlePorts } from '../config/sequence-config.ts';
import type { Firewall, SequencePlan } from '../firewall/firewall.ts';
import { isInForce } from '../policy/policy.ts';

/** Seconds from one step of a one-time sequence to the next, at most. */
const STEP_SECONDS = 5;
/** Time steps for which a clock that was set back may keep one-time sequences from opening: for so long the kernel remembers. */
const LONGEST_WAIT = 10;

/** Keeps the kernel at the one-time sequences of the moment, beside the ones that the configuration spells out. */
export class SequenceRotation {
  private readonly clock: Clock;
  private readonly firewall: Firewall;
  private readonly crypto: CryptoProvider;
  private loaded: LoadedGate;
  private present: number | undefined;
  /** When it was last unknown which sequences were used; steady milliseconds. */
  private unknownAt: number | undefined;
  /** The kernel was given one-time sequences. */
  private holdsOneTime = false;
  /** Sequences of earlier time steps may have been used, and nobody would know. */
  private notBefore = 0;

  constructor(clock: Clock, firewall: Firewall, crypto: CryptoProvider, loaded: LoadedGate) {
    this.clock = clock;
    this.firewall = firewall;
    this.crypto = crypto;
    this.loaded = loaded;
  }

  /** Whether there is something to do for `tick`. */
  isDue(): boolean {
    return this.present !== timeStepAt(this.clock.wall());
  }

  /** To be called every second or when it is due: another minute has other sequences. */
  async tick(): Promise<void> {
    if (this.isDue()) await this.fill(true);
  }

  /**
   * Brings the kernel to the sequences of the moment.
   * @param usedKnown whether the kernel still knows which ones were used. If not, none counts that could have been sent before now
   */
  async fill(usedKnown: boolean): Promise<void> {
    const now = this.clock.wall();
    const present = timeStepAt(now);
    if (!usedKnown) this.unknownAt = this.clock.steady();
    this.notBefore = this.firstUnused(present);
    const { length } = this.clients();
    // Those of the last client are to go, where the table has others. Where it has none, they went with its chains.
    if (length > 0 || (this.holdsOneTime && this.loaded.config.sequences.length > 0)) {
      const oneTime = [present, present + 1, present - 1]
        .filter((timeStep) => timeStep >= this.notBefore)
        .flatMap((timeStep) => this.sequencesOf(timeStep, now));
      await this.firewall.setSequences([...fixedSequences(this.loaded.config), ...oneTime]);
    }
    this.holdsOneTime = length > 0;
    this.present = present;
  }

  /** Goes on with another configuration. */
  async swap(loaded: LoadedGate, usedKnown: boolean): Promise<void> {
    this.loaded = loaded;
    await this.fill(usedKnown);
  }

  /**
   * The first time step that cannot have been used before it was unknown what was. By the clock of now: after a boot the one of
   * then may have been wrong. A clock that was set back does not make it earlier, unless it was by so much that the owner would
   * wait too long.
   */
  private firstUnused(present: number): number {
    if (this.unknownAt === undefined) return 0;
    // A client whose clock is ahead may have used the next one.
    const first = timeStepAt(this.clock.wall() - (this.clock.steady() - this.unknownAt)) + 2;
    return this.notBefore > present + LONGEST_WAIT ? first : Math.max(first, this.notBefore);
  }

  private clients(): readonly (LoadedGate['clients'][number] & { readonly sequenceKey: Uint8Array })[] {
    return this.loaded.clients.flatMap((client) =>
      client.sequenceKey === undefined ? [] : [{ ...client, sequenceKey: client.sequenceKey }],
    );
  }

  private sequencesOf(timeStep: number, now: number): SequencePlan[] {
    const over = (timeStep + 2) * TIME_STEP_SECONDS * 1000;
    const { gate } = this.loaded.config;
    return this.clients()
      .filter(({ policy }) => isInForce(policy, now))
      .map(({ policy, sequenceKey }) => {
        const { name, sequenceAction } = policy;
        const { steps, mark } = oneTimeSequence(this.crypto, sequenceKey, name, timeStep);
        const whose = { of: 'client' as const, name };
        return {
          whose,
          steps,
          stepSeconds: STEP_SECONDS,
          ports: singlePorts(policy.ports),
          seconds: Math.min(gate.grant, policy.longestGrant),
          sources: policy.sources,
          // Not past its client's last moment either; less than a second the kernel does not know.
          once: { mark, expiresIn: Math.ceil((Math.min(over, policy.notAfter ?? over) - now) / 1000) },
          log: sequenceAction === undefined ? undefined : { ...whose, nflogGroup: gate.nflogGroup },
        };
      });
  }
}
