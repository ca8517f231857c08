import { sleep } from '../test/rig/process.ts';
import { type CaseName, caseOf, whyNot } from './cases.ts';
import { startFlood } from './flood.ts';
import { Ground } from './ground.ts';
import { median, notApplicable, quantile, type Result, rounded } from './results.ts';
import type { Running, Subject } from './subjects/subject.ts';
import { turnsOf } from './turns.ts';

/** After so many failures in a row nothing more is to be learnt. */
const HOPELESS = 10;
/** A flood's first packets fill the buffers. */
const SETTLE_MS = 300;
/** Between two knocks, at random: a daemon that looks at its packets ten times a second is met at any moment of that. */
const PAUSE_MS = { least: 20, most: 120 } as const;
/** Knocks with a wrong tag, at a subject whose processes are dead; and how long each is given to open the port. */
const WRONG_TAGS = 3;
const WRONG_TAG_MS = 100;
/** A flood ends by itself after this long, whatever becomes of us. */
const LONGEST_FLOOD_S = 90;

/** Puts one subject on fresh ground, under one load, and knocks. */
export async function measure(subject: Subject, name: CaseName, knocks: number): Promise<Result> {
  const reason = whyNot(name, subject);
  if (reason !== undefined) return notApplicable(name, subject.name, reason);
  const { flood: rate, clients, grants, killed } = caseOf(name);
  const ground = await Ground.make('bench');
  try {
    const running = await subject.start(ground, { clients: Math.max(clients, subject.turns), grants, knocks });
    try {
      if (killed) await killAndMislead(ground, running, knocks);
      const flood = rate === undefined ? undefined : await startFlood(ground.pair.client, running.junk(), limits(rate));
      if (flood) await sleep(SETTLE_MS);
      const [before, start] = [ground.received(), performance.now()];
      const { times, tried, probes } = await knockOften(ground, running, knocks);
      const received = ground.received() - before - probes;
      const seconds = (performance.now() - start) / 1000;
      const flooded = await flood?.stop();
      return {
        case: name,
        subject: subject.name,
        n: tried,
        succeeded: times.length,
        median_ms: rounded(median(times)),
        p95_ms: rounded(quantile(times, 0.95)),
        sent_pps: flooded ? Math.round(flooded.sent / flooded.seconds) : null,
        received_pps: flooded ? Math.round(received / seconds) : null,
      };
    } finally {
      await running.stop();
    }
  } finally {
    await ground.end();
  }
}

const limits = (rate: number) => ({ rate, seconds: LONGEST_FLOOD_S });

/** The results of many knocks. */
export interface Knocked {
  /** Milliseconds of those that opened the door. */
  readonly times: readonly number[];
  readonly tried: number;
  /** SYNs that the prober sent. */
  readonly probes: number;
}

/** Kills the subject, and sees to it that what opens afterwards is not just anything: the same addresses, with other bytes. */
async function killAndMislead(ground: Ground, running: Running, knocks: number): Promise<void> {
  ground.killSubject();
  const junk = running.junk();
  if (junk.kind !== 'udp') return;
  for (const { source } of turnsOf(running.clients, knocks).slice(0, WRONG_TAGS)) {
    const [datagram = new Uint8Array()] = junk.packets;
    const { ms } = await ground.prober.measure(source, { kind: 'udp', port: junk.port, datagram }, WRONG_TAG_MS);
    if (ms !== undefined) throw new Error(`a wrong tag opened the port for ${source}`);
  }
}

/** Knocks as different clients, each from an address of its own, from that one on. */
export async function knockOften(
  ground: Ground,
  running: Pick<Running, 'clients' | 'knock'>,
  knocks: number,
  firstKnocker = 0,
): Promise<Knocked> {
  const times: number[] = [];
  let [tried, probes, failures] = [0, 0, 0];
  for (const { client, source } of turnsOf(running.clients, knocks, firstKnocker)) {
    if (failures === HOPELESS) break;
    const measured = await ground.prober.measure(source, await running.knock(client, source));
    tried += 1;
    probes += measured.probes;
    failures = measured.ms === undefined ? failures + 1 : 0;
    if (measured.ms !== undefined) times.push(measured.ms);
    await sleep(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
  }
  return { times, tried, probes };
}
