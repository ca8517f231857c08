import { formatPacket, type SequenceStep } from '../../src/sequence/step.ts';
import type { SequencePlan } from '../firewall/firewall.ts';
import { NOWHERE, type TreePosition } from '../firewall/sequences.ts';

/** One packet on the way through the tree. */
export interface Step {
  readonly from: TreePosition;
  readonly packet: SequenceStep;
  readonly to: TreePosition;
}

/** Where a step leads: further on, within so many seconds; or to the end of a sequence. */
export type Arrival = Waiting | { readonly sequence: SequencePlan };

interface Waiting {
  readonly waitSeconds: number;
  /** Milliseconds in which the next step is too early; undefined: none is. */
  readonly earlyMs?: number;
}

/** Sequences, as the kernel needs them. */
export interface SequenceTree {
  readonly steps: readonly (Step & { readonly expiresIn: number | undefined })[];
  readonly arrivals: ReadonlyMap<TreePosition, Arrival>;
}

/** Places from here on are the ends of one-time sequences, named by what they are derived from. */
const ONE_TIME_ENDS = 0x8000_0000;

/**
 * Makes the tree of all sequences. Sequences that begin alike share their first places, so that a source is in one place at a
 * time however many sequences there are.
 */
export class SequencePlanter {
  /** A place keeps its number while anything leads through it: sources are on their way when the tree changes. */
  private places = new Map<string, TreePosition>();
  /** Numbers that are in use: after years of minutes they are given out again from the start. */
  private taken = new Set<TreePosition>();
  private next: TreePosition;

  /** @param first number of the first place; only tests give another */
  constructor(first: TreePosition = 1) {
    this.next = first;
  }

  plant(sequences: readonly SequencePlan[]): SequenceTree {
    this.taken = new Set(this.places.values());
    const steps = new Map<string, Step & { expiresIn: number | undefined }>();
    const arrivals = new Map<TreePosition, Arrival>();
    const used = new Map<string, TreePosition>();
    for (const sequence of sequences) {
      const end = this.endOf(sequence, arrivals);
      if (end === undefined) continue;
      let path = '';
      let from: TreePosition = NOWHERE;
      for (const [i, packet] of sequence.steps.entries()) {
        path += ` ${formatPacket(packet)}`;
        const next = sequence.steps[i + 1];
        const to: TreePosition = next === undefined ? end : this.placeOf(path, used);
        const expiresIn = later(steps.get(path), sequence.once?.expiresIn);
        steps.set(path, { from, packet, to, expiresIn });
        arrivals.set(to, next === undefined ? { sequence } : longer(arrivals.get(to), waitFor(next, sequence)));
        from = to;
      }
    }
    this.places = used;
    return { steps: [...steps.values()], arrivals };
  }

  /** Two one-time sequences of one mark at one time are a matter of once in millions: the second waits for its next. */
  private endOf({ once }: SequencePlan, arrivals: SequenceTree['arrivals']): TreePosition | undefined {
    if (once === undefined) return this.fresh();
    const end = (once.mark | ONE_TIME_ENDS) >>> 0;
    return arrivals.has(end) ? undefined : end;
  }

  private placeOf(path: string, used: Map<string, TreePosition>): TreePosition {
    const place = used.get(path) ?? this.places.get(path) ?? this.fresh();
    used.set(path, place);
    return place;
  }

  private fresh(): TreePosition {
    const place = this.next;
    this.next = place + 1 < ONE_TIME_ENDS ? place + 1 : 1;
    if (this.taken.has(place)) return this.fresh();
    this.taken.add(place);
    return place;
  }
}

/** A step that sequences share lives as long as the one that lives longest; undefined: for good. */
function later(
  step: { readonly expiresIn: number | undefined } | undefined,
  expiresIn: number | undefined,
): number | undefined {
  if (step === undefined) return expiresIn;
  return step.expiresIn === undefined || expiresIn === undefined ? undefined : Math.max(step.expiresIn, expiresIn);
}

function waitFor({ afterMs, withinMs }: SequenceStep, { stepSeconds }: SequencePlan): Waiting {
  const waitSeconds = withinMs === undefined ? stepSeconds : withinMs / 1000;
  return afterMs === undefined ? { waitSeconds } : { waitSeconds, earlyMs: afterMs };
}

/** Sequences that begin alike wait for the one that waits longest. Times of steps are the same in all (`noteSequenceFaults`). */
function longer(arrival: Arrival | undefined, waiting: Waiting): Waiting {
  if (arrival === undefined || 'sequence' in arrival) return waiting;
  const { earlyMs = arrival.earlyMs } = waiting;
  const waitSeconds = Math.max(arrival.waitSeconds, waiting.waitSeconds);
  return earlyMs === undefined ? { waitSeconds } : { waitSeconds, earlyMs };
}
