import type { Marks } from './load-marks.ts';

/** Milliseconds that the start of the extension was spent on; undefined for steps that did not take place. */
export interface Timings {
  /** Evaluating the code. What the editor does between that and the call of `activate()` is its own. */
  readonly load: number | undefined;
  /** `activate()` without the knock: up to where the host is known, and showing what there is to see. */
  readonly activate: number | undefined;
  /** From the call of `activate()` to the packet, which has been handed to the system by then. */
  readonly toPacket: number | undefined;
  /** Of that: from asking the editor for the key to its answer. Nothing else is done meanwhile but what the knock needs. */
  readonly key: number | undefined;
  /** Of that: the rest, which is ours. */
  readonly own: number | undefined;
}

export function timingsOf(marks: Marks): Timings {
  // Not where a person has knocked later on.
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

/** The same as lines to read. */
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
