import type { Marks } from './load-marks.ts';

/** Milliseconds that the start of the extension was spent on; undefined for steps that did not take place. */
export interface Timings {
  /** Evaluating the code. The time between that and the call of `activate()` is the editor's. */
  readonly load: number | undefined;
  /** `activate()` without the knock: until the host is known, and showing the views. */
  readonly activate: number | undefined;
  /** From the call of `activate()` until the system has the packet. */
  readonly toPacket: number | undefined;
  /** Part of that: from asking the editor for the key to its answer. Meanwhile only work for the knock is done. */
  readonly key: number | undefined;
  /** Part of that: the rest, which is ours. */
  readonly own: number | undefined;
}

export function timingsOf(marks: Marks): Timings {
  // A knock that a person asked for later does not count.
  const isOfWindow = (marks.between('key asked for', 'activated') ?? 0) >= 0;
  const toPacket = isOfWindow ? marks.between('activate', 'packet sent') : undefined;
  const key = isOfWindow ? marks.between('key asked for', 'key given') : undefined;
  return {
    load: marks.between('loading', 'loaded'),
    activate: sum(marks.between('activate', 'host known'), marks.between('showing', 'shown')),
    toPacket,
    key,
    own: toPacket === undefined || key === undefined ? undefined : toPacket - key,
  };
}

/** Writes the timings as lines. */
export function timingsInWords(timings: Timings): string[] {
  const { load, activate, toPacket, key, own } = timings;
  return [
    line('loading the code', load),
    line('activate(), apart from a knock', activate),
    line('from activate() to the packet', toPacket),
    line("  of that the editor's answer to what the key is", key),
    line('  of that ours', own),
  ].flatMap((each) => each ?? []);
}

function line(what: string, ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${what}: ${ms.toFixed(1)} ms`;
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
