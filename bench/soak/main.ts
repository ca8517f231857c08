import { sleep } from '../../test/rig/process.ts';
import { keepFilesOnDisk } from '../disk.ts';
import { asText } from '../table.ts';
import { HIDDEN_PORT, KNOCK_PORT, SoakGate } from './gate.ts';
import { Knocker } from './knocker.ts';
import { judge, KEPT, type Minute, minuteLines, slopes, VALUES } from './report.ts';
import { DAEMON, MemoryWatch, type Sample } from './sample.ts';
import { addressesFor, Crowd } from './traffic.ts';

const CLIENTS = 200;
const LOOK_EVERY_MS = 2500;
const MINUTE_MS = 60_000;
/**
 * Minutes at whose end the daemon is started again: before growth is judged, since a new process begins small. Nobody knocks meanwhile:
 * the knocker sends each knock once, where a client would send again.
 */
const RESTARTED_AT = [2, 6];

/**
 * Runs a gate as its unit runs it, with clients that knock and strangers who disturb, and prints each minute what it holds.
 * @param deb the package to install
 * @returns the exit code: 0 when no knock was missed and nothing grew
 */
export async function soak(deb: string, minutes: number): Promise<number> {
  keepFilesOnDisk();
  const gate = await SoakGate.start(deb, addressesFor(CLIENTS));
  try {
    const crowd = new Crowd(CLIENTS, gate.key);
    await gate.arm(crowd.entries);
    return await watch(gate, crowd, minutes);
  } catch (error) {
    say((await gate.journal()).split('\n').slice(-30).join('\n'));
    throw error;
  } finally {
    await gate.end();
  }
}

async function watch(gate: SoakGate, crowd: Crowd, minutes: number): Promise<number> {
  const knocker = new Knocker(gate.pair.client, KNOCK_PORT, HIDDEN_PORT);
  const stop = new AbortController();
  const traffic = crowd.run(knocker, stop.signal);
  // What `traffic` throws is thrown below, when it is waited for.
  traffic.catch(() => stop.abort());
  const seen: Minute[] = [];
  const memory = new MemoryWatch(gate);
  const start = performance.now();
  for (let minute = 1; minute <= minutes && !stop.signal.aborted; minute++) {
    while (performance.now() - start < minute * MINUTE_MS && !stop.signal.aborted) {
      memory.look();
      await sleep(LOOK_EVERY_MS);
    }
    const least = memory.least();
    const values = (await gate.collect()) ?? Number.NaN;
    memory.look();
    const kept = memory.least().get(DAEMON) ?? Number.NaN;
    const figures = await crowd.paused(() => holdings(gate, new Map([[KEPT, kept], [VALUES, values], ...least])));
    seen.push({ minute, figures });
    for (const line of minuteLines(minute, crowd.traffic, figures)) say(line);
    crowd.traffic.slowestMs = 0;
    await gate.ask();
    if (RESTARTED_AT.includes(minute)) await crowd.paused(() => gate.restart());
    const reloaded = await gate.reload(crowd.entries, crowd.guest);
    if (reloaded !== undefined) say(`   ${reloaded}`);
  }
  stop.abort();
  await traffic;
  await knocker.stop();
  const { missed, early, knocks } = crowd.traffic;
  say(`\n${asText(slopes(seen))}\n`);
  const faults = judge(seen, crowd.traffic);
  say(
    `${knocks} knocks, ${missed} missed, ${early} open before; ${faults.length === 0 ? 'nothing grew' : 'NOT as it should be:'}`,
  );
  for (const fault of faults) say(`  ${fault}`);
  for (const { client, sentAt } of crowd.traffic.misses) {
    say(`missed: ${client} at ${new Date(sentAt).toISOString()}; what the gate said of it around then:`);
    for (const line of await gate.said(client, sentAt)) say(`  ${line}`);
  }
  return faults.length === 0 ? 0 : 1;
}

/** All that could grow. */
async function holdings(gate: SoakGate, memory: Sample): Promise<Sample> {
  const [sets, files] = await Promise.all([gate.sets(), gate.files()]);
  const named = (prefix: string, sample: Sample) =>
    [...sample].map(([name, value]) => [`${prefix} ${name}`, value] as const);
  const descriptors = gate.pids().reduce((sum, pid) => sum + gate.descriptors(pid), 0);
  return new Map([
    ...named('kB', memory),
    ...named('set', sets),
    ...named('file', files),
    ['descriptors', descriptors],
  ]);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
