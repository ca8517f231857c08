import { ExitCode, Problem, type ProblemText } from '../../base/problem.ts';
import { cancelled } from '../../client/problems.ts';
import type { Clock } from '../../os/clock.ts';

/** The result for a host where nothing was thrown. */
export interface Outcome {
  /** Text for people; empty for nothing to say. */
  readonly text: string;
  /** The same for programs; undefined where only the text is there. */
  readonly value?: unknown;
  /** Of a program that was run on the host. */
  readonly code?: ExitCode;
}

/** How it ended for a host. */
export interface HostResult {
  readonly host: string;
  readonly code: ExitCode;
  readonly seconds: number;
  readonly text: string;
  readonly value: unknown;
  /** Undefined when all went well, or when a program on the host has failed and `text` says how. */
  readonly error: ProblemText | undefined;
}

/** Hears how far the hosts are. */
export interface Progress {
  readonly begin: (host: string) => void;
  readonly step: (host: string, what: string) => void;
  readonly end: (result: HostResult) => void;
}

/** How the hosts are worked on. */
export interface Course {
  /** How many at the same time. */
  readonly parallel: number;
  readonly progress: Progress;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** After it no host is begun; those that are being worked on end by themselves. */
  readonly signal: AbortSignal;
  /** Names an error that nobody foresaw. */
  readonly fault: (error: unknown) => Problem;
}

/**
 * Does something for each host, some of them at the same time. One that fails is no reason to leave the others.
 * @returns a result for each host, in their order
 */
export async function runHosts(
  hosts: readonly string[],
  { parallel, progress, clock, signal, fault }: Course,
  work: (host: string) => Promise<Outcome>,
): Promise<HostResult[]> {
  const results = new Map<string, HostResult>();
  const waiting = [...hosts];
  const one = async (host: string): Promise<void> => {
    const startedMs = clock.monotonicMs();
    progress.begin(host);
    const outcome = await outcomeOf(host, signal, fault, work);
    const result = { host, seconds: (clock.monotonicMs() - startedMs) / 1000, ...outcome };
    results.set(host, result);
    progress.end(result);
  };
  const worker = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) await one(host);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, hosts.length) }, worker));
  return hosts.flatMap((host) => results.get(host) ?? []);
}

async function outcomeOf(
  host: string,
  signal: AbortSignal,
  fault: Course['fault'],
  work: (host: string) => Promise<Outcome>,
): Promise<Omit<HostResult, 'host' | 'seconds'>> {
  try {
    if (signal.aborted) throw cancelled(host);
    const { text, value, code = ExitCode.done } = await work(host);
    return { code, text, value, error: undefined };
  } catch (error) {
    const { text } = error instanceof Problem ? error : fault(error);
    return { code: text.exit, text: '', value: undefined, error: text };
  }
}

/** That of the whole command. */
export function exitCodeOfAll(results: readonly HostResult[]): ExitCode {
  return results.every(({ code }) => code === ExitCode.done) ? ExitCode.done : ExitCode.someFailed;
}
