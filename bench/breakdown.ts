import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratch } from '../test/rig/cleanup.ts';
import { sleep } from '../test/rig/process.ts';
import { Ground } from './ground.ts';
import type { Measured } from './prober.ts';
import { median, rounded, type Stage } from './results.ts';
import { knockgate, startKnockgate } from './subjects/knockgate.ts';
import { turnsOf } from './turns.ts';

const TRACE = fileURLToPath(new URL('./trace.cjs', import.meta.url));
const PAUSE_MS = 70;

/** The last line of a breakdown: not a stage but all of them. */
const WHOLE = 'knock to open, median';

/** A line of the trace: monotonic milliseconds, but for the two times of the wall clock. */
export interface TracedKnock {
  readonly stages: readonly { readonly stage: string; readonly at: number }[];
  readonly kernelWall?: number;
  readonly tcpdumpWall?: number;
}

/** Ends of the daemon's stages (server-helper/stages.ts). */
const ENDS: Readonly<Record<string, string>> = {
  read: 'pipe, into Node',
  verified: 'Node: checks, cryptography, policy',
  durable: 'disk: the replay record',
  granted: 'nft: the grant, acknowledged',
};

/**
 * Where the milliseconds of an idle gate go: the stages of many knocks, in order, the median of the whole last. Empty when
 * the daemon tells nothing of its stages.
 */
export async function breakdown(knocks: number): Promise<readonly Stage[]> {
  const ground = await Ground.make('trace');
  const { dir, discard } = scratch('trace');
  // The daemon runs as nobody, who may not read here or write.
  chmodSync(dir, 0o755);
  const [script, file] = [join(dir, 'trace.cjs'), join(dir, 'stages.jsonl')];
  copyFileSync(TRACE, script);
  writeFileSync(file, '');
  chmodSync(file, 0o666);
  try {
    const env = { NODE_OPTIONS: `--require ${script}`, KNOCKGATE_BENCH_TRACE: file };
    const running = await startKnockgate(ground, { clients: knockgate.turns, grants: 0, knocks }, { env });
    const measured: Measured[] = [];
    for (const { client, source } of turnsOf(running.clients, knocks)) {
      measured.push(await ground.prober.measure(source, await running.knock(client, source)));
      await sleep(PAUSE_MS);
    }
    await running.stop();
    const lines = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);
    // A knock that failed would set the two lists against each other.
    if (lines.length !== measured.length || measured.some(({ ms }) => ms === undefined)) return [];
    return typical(lines.map((line, n) => stagesOf(JSON.parse(line) as TracedKnock, measured[n])));
  } finally {
    await ground.end();
    discard();
  }
}

/** The stages of one knock, each with how long it took; the whole last. */
export function stagesOf(traced: TracedKnock, measured: Measured | undefined): Stage[] {
  if (measured?.ms === undefined) return [];
  const { ms, sentAt, wallOffset } = measured;
  const marks = [
    ...mark('send, wire, rule', traced.kernelWall, wallOffset),
    ...mark('NFLOG, tcpdump', traced.tcpdumpWall, wallOffset),
    ...traced.stages.map(({ stage, at }) => ({ stage: ENDS[stage] ?? stage, at })),
    { stage: 'SYN: to the next probe, and its way', at: sentAt + ms },
  ];
  let before = sentAt;
  const stages = marks.map(({ stage, at }) => {
    // The rule is in force before nft has said so: a probe may get through meanwhile.
    const end = Math.max(before, Math.min(at, sentAt + ms));
    const took = end - before;
    before = end;
    return { stage, ms: took };
  });
  return [...stages, { stage: WHOLE, ms }];
}

function mark(stage: string, wall: number | undefined, wallOffset: number) {
  return wall === undefined ? [] : [{ stage, at: wall - wallOffset }];
}

/**
 * Average time of each stage in the middle half of the knocks, the fastest and the slowest quarters left aside: medians of
 * the stages, each of another knock, would not add up to a whole.
 */
export function typical(knocks: readonly (readonly Stage[])[]): Stage[] {
  const whole = (stages: readonly Stage[]) => stages.at(-1)?.ms ?? 0;
  const sorted = [...knocks].sort((a, b) => whole(a) - whole(b));
  const quarter = Math.floor(sorted.length / 4);
  const middle = sorted.slice(quarter, sorted.length - quarter);
  const stages = (middle[0] ?? []).slice(0, -1).map(({ stage }, n) => {
    const total = middle.reduce((sum, each) => sum + (each[n]?.ms ?? 0), 0);
    return { stage, ms: rounded(total / middle.length) ?? 0 };
  });
  return [...stages, { stage: WHOLE, ms: rounded(median(knocks.map(whole))) ?? 0 }];
}
