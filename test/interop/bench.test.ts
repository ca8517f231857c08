import { afterEach, describe, expect, it } from 'vitest';
import { breakdown } from '../../bench/breakdown.ts';
import { startFlood } from '../../bench/flood.ts';
import { Ground } from '../../bench/ground.ts';
import { measure } from '../../bench/measure.ts';
import { subjectOf } from '../../bench/subjects/all.ts';
import { SUBJECTS } from '../../bench/subjects/subject.ts';
import { KNOCKERS, turnsOf } from '../../bench/turns.ts';
import { sleep } from '../rig/process.ts';

/** That the benchmark measures what it says. How fast anything is, is not for a test. */
describe('the benchmark', () => {
  let ground: Ground | undefined;
  afterEach(async () => {
    await ground?.end();
    ground = undefined;
  });

  it.each(SUBJECTS)('%s: shut before a knock, open after it, for nobody else', async (name) => {
    ground = await Ground.make('bench');
    const subject = subjectOf(name);
    const running = await subject.start(ground, { clients: subject.turns, grants: 3, knocks: 1 });
    const [knocker = '', other = ''] = KNOCKERS;
    const [{ client } = { client: 0 }] = turnsOf(subject.turns, 1);
    const measured = await ground.prober.measure(knocker, await running.knock(client, knocker));
    expect(measured.ms).toBeGreaterThan(0);
    await expect(ground.prober.measure(knocker, await running.knock(client, knocker))).rejects.toThrow('open');
    const nothing = { kind: 'udp', port: 9, datagram: Uint8Array.of(0) } as const;
    expect((await ground.prober.measure(other, nothing)).ms).toBeUndefined();
    await running.stop();
  });

  it('floods as often as it says, and what it sends arrives', async () => {
    ground = await Ground.make('bench');
    const junk = { kind: 'udp', port: 9, packets: [Buffer.alloc(100), Buffer.alloc(200)] } as const;
    const before = ground.received();
    const flood = await startFlood(ground.pair.client, junk, { rate: 2000, seconds: 20, count: 500 });
    while (ground.received() - before < 500) await sleep(5);
    const { sent, failed } = await flood.stop();
    expect({ sent, failed }).toEqual({ sent: 500, failed: 0 });
  });

  it('a forgery with a right tag opens nothing', async () => {
    ground = await Ground.make('bench');
    const running = await subjectOf('knockgate').start(ground, { clients: 1, grants: 0, knocks: 1 });
    const [datagram = new Uint8Array()] = running.forged?.(1).packets ?? [];
    const knock = { kind: 'udp', port: 62201, datagram } as const;
    expect((await ground.prober.measure(KNOCKERS[0] ?? '', knock)).ms).toBeUndefined();
    await running.stop();
  });

  it('says why a case does not apply', async () => {
    const result = await measure(subjectOf('knockd'), 'clients-10k', 1);
    expect(result).toMatchObject({ n: null, median_ms: null, reason: expect.stringContaining('no clients') });
  });

  it('kills the whole subject where a case is about that', async () => {
    const result = await measure(subjectOf('fwknopd-udp'), 'no-daemon', 1);
    expect(result).toMatchObject({ n: 1, succeeded: 0 });
  });

  it('has the daemon tell of every stage', async () => {
    const stages = (await breakdown(4)).map(({ stage }) => stage.split(/[:,]/)[0]);
    expect(stages).toEqual(['send', 'NFLOG', 'pipe', 'Node', 'disk', 'nft', 'SYN', 'knock to open']);
  });
});
