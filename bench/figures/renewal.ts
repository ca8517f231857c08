import { EPOCH_SECONDS, SLOTS } from '../../src/spa/tags.ts';
import { sleep } from '../../test/rig/process.ts';
import { type Usage, usageOf } from '../cpu.ts';
import { Ground } from '../ground.ts';
import { type Figure, median, quantile, rounded } from '../results.ts';
import { knockgate } from '../subjects/knockgate.ts';
import type { Running } from '../subjects/subject.ts';
import { KNOCKERS } from '../turns.ts';

const CLIENTS = 10_000;
const SAMPLE_MS = 20;
/** A sample in which so much of a processor was used is one of renewing. */
const BUSY_SHARE = 0.2;
const BEFORE_MS = 100;

/** Measures what the tags of 10,000 clients cost in an epoch, how long they take, and what that does to knocks meanwhile. */
export async function renewalFigures(epochs: number): Promise<Figure[]> {
  const ground = await Ground.make('renewal');
  try {
    const running = await knockgate.start(ground, { clients: CLIENTS, grants: 0, knocks: 0 });
    await nextEpoch();
    const { lasted, cpuMs } = await watchEpoch(ground);
    const times: number[] = [];
    for (let n = 0; n < epochs; n += 1) {
      await nextEpoch();
      times.push(...(await knockFor(ground, running, lasted, n)));
    }
    await running.stop();
    const figure = (name: string, value: number | undefined, unit: string): Figure => {
      return { figure: name, subject: 'knockgate', value: rounded(value), unit };
    };
    return [
      figure('tags of 10,000 clients for an epoch, from its begin', lasted, 'ms'),
      figure('CPU of an epoch with 10,000 clients', cpuMs, 'ms'),
      figure('CPU of an epoch for each tag loaded', (cpuMs * 1000) / (CLIENTS * SLOTS.least), 'µs'),
      figure('knocks while tags are renewed', times.length, ''),
      figure('knock while tags are renewed, median', median(times), 'ms'),
      figure('knock while tags are renewed, p95', quantile(times, 0.95), 'ms'),
    ];
  } finally {
    await ground.end();
  }
}

/** Waits until shortly before an epoch begins. */
async function nextEpoch(): Promise<void> {
  const length = EPOCH_SECONDS * 1000;
  const left = length - (Date.now() % length);
  await sleep(left > BEFORE_MS ? left - BEFORE_MS : left + length - BEFORE_MS);
}

/**
 * Watches the daemon and its children for one whole epoch: the processor time that they used, and when they were last busy, in
 * milliseconds from its begin.
 */
async function watchEpoch(ground: Ground): Promise<{ lasted: number; cpuMs: number }> {
  const pids = ground.subjectPids();
  const begin = performance.now() + BEFORE_MS;
  const end = begin + EPOCH_SECONDS * 1000 - 2 * BEFORE_MS;
  const first = await usageOf(pids);
  let previous: { usage: Usage; at: number } = { usage: first, at: performance.now() };
  let lastBusy = begin;
  while (performance.now() < end) {
    await sleep(SAMPLE_MS);
    const [usage, at] = [await usageOf(pids), performance.now()];
    const share = (usage.cpuMs - previous.usage.cpuMs) / (at - previous.at);
    if (share > BUSY_SHARE && at > begin) lastBusy = at;
    previous = { usage, at };
  }
  return { lasted: lastBusy - begin, cpuMs: previous.usage.cpuMs - first.cpuMs };
}

/** Knocks again and again while the tags are being renewed; one that does not open counts as the time that it had. */
async function knockFor(ground: Ground, running: Running, ms: number, round: number): Promise<number[]> {
  await sleep(BEFORE_MS);
  const times: number[] = [];
  const perRound = Math.floor(KNOCKERS.length / 4);
  const start = performance.now();
  while (performance.now() < start + ms && times.length < perRound) {
    const n = round * perRound + times.length;
    const source = KNOCKERS[n % KNOCKERS.length] ?? '';
    const began = performance.now();
    const knock = await running.knock((n * 199) % running.clients, source);
    times.push((await ground.prober.measure(source, knock)).ms ?? performance.now() - began);
  }
  return times;
}
