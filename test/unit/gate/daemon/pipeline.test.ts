import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { parseNetwork } from '../../../../src/base/addresses.ts';
import { parsePort } from '../../../../src/base/ports.ts';
import { ALICE, address, BOB, loadedFrom, SHORTEST, temporaryFolder } from '../support.ts';
import { sceneOf, startedScene } from './support.ts';

const WITH_BOB = `${SHORTEST}\n[[client]]\nname = "bob"\nkey = "${BOB.key}"\nenabled = false\n`;
const refused = (reason: string, more: object = {}) => [
  { event: 'refused', client: 'alice', source: '198.51.100.7', reason, ...more },
];

describe('a knock', () => {
  it('opens, and is written down', async () => {
    const { clock, firewall, knock, gate } = await startedScene();
    expect(await knock(ALICE.seal(clock.wall(), 1))).toEqual([
      { event: 'granted', client: 'alice', source: '198.51.100.7', ports: ['tcp/22'], seconds: 30 },
    ]);
    expect(await firewall.list()).toMatchObject([{ client: 'alice', seconds: 30 }]);
    expect(gate.pipeline.counts).toEqual({ received: 1, unmatched: 0, refused: 0, granted: 1 });
  });

  it('opens for where the packet comes from, IPv6 too', async () => {
    const { clock, knock } = await startedScene();
    const entries = await knock(ALICE.seal(clock.wall(), 1, { duration: 60 }), address('2001:db8::7'));
    expect(entries).toMatchObject([{ event: 'granted', source: '2001:db8::7', seconds: 60 }]);
  });

  it('is on disk before the firewall is asked', async () => {
    const scene = await startedScene();
    const { clock, firewall, knock, replayFile } = scene;
    const granting = vi.spyOn(firewall, 'grant');
    const datagram = ALICE.seal(clock.wall(), 1);
    let onDisk: string | undefined;
    granting.mockImplementation(async () => {
      const other = await startedScene(SHORTEST, replayFile, clock);
      onDisk = (await other.knock(datagram))[0]?.reason;
    });
    await knock(datagram);
    expect(onDisk).toBe('replayed');
  });

  it('is counted and no more when its tag is spent, or nobody’s', async () => {
    const { clock, knock, gate } = await startedScene();
    const datagram = ALICE.seal(clock.wall(), 1);
    await knock(datagram);
    expect(await knock(datagram)).toEqual([]);
    expect(await knock(new Uint8Array(200))).toEqual([]);
    expect(await knock(BOB.seal(clock.wall(), 1))).toEqual([]);
    expect(gate.pipeline.counts).toEqual({ received: 4, unmatched: 3, refused: 0, granted: 1 });
  });

  it('from two processes at once: both open', async () => {
    const { clock, knock, gate } = await startedScene();
    await Promise.all(Array.from({ length: 8 }, (_, slot) => knock(ALICE.seal(clock.wall(), slot))));
    expect(gate.pipeline.counts).toMatchObject({ received: 8, granted: 8 });
  });
});

describe('a knock is refused', () => {
  it('malformed', async () => {
    const { clock, knock } = await startedScene();
    expect(await knock(ALICE.seal(clock.wall(), 1).subarray(0, 60))).toEqual(refused('malformed'));
  });

  it('unauthentic, and its tag is gone', async () => {
    const { clock, knock, gate } = await startedScene();
    const datagram = ALICE.seal(clock.wall(), 1);
    expect(await knock(datagram.map((byte, i) => (i === 60 ? byte ^ 1 : byte)))).toEqual(refused('unauthentic'));
    expect(await knock(datagram)).toEqual([]);
    expect(gate.pipeline.counts).toEqual({ received: 2, unmatched: 1, refused: 1, granted: 0 });
  });

  it('source-mismatch', async () => {
    const { clock, knock } = await startedScene();
    const source = address('198.51.100.8');
    expect(await knock(ALICE.seal(clock.wall(), 1, { source }))).toEqual(refused('source-mismatch'));
  });

  it('clock-skew, with the skew', async () => {
    const { clock, knock } = await startedScene();
    for (const [slot, skew] of [75_000, -75_000].entries()) {
      const datagram = ALICE.seal(clock.wall(), slot, { timestamp: clock.wall() + skew });
      expect(await knock(datagram)).toEqual(refused('clock-skew', { skew_ms: skew }));
    }
  });

  it('replayed: after a restart in which the kernel forgot its spent tags', async () => {
    const first = await startedScene();
    const datagram = ALICE.seal(first.clock.wall(), 1);
    await first.knock(datagram);
    await first.gate.stop();
    const second = await startedScene(SHORTEST, first.replayFile, first.clock);
    expect(await second.knock(datagram)).toEqual(refused('replayed'));
  });

  it('replayed: after the replay file was deleted too', async () => {
    const first = await startedScene();
    const datagram = ALICE.seal(first.clock.wall(), 1);
    await first.knock(datagram);
    const second = await startedScene(SHORTEST, undefined, first.clock);
    expect(await second.knock(datagram)).toEqual(refused('replayed', { detail: 'older than the replay record' }));
  });

  it('replayed: one that never arrived, sent later from another address, also after a reload', async () => {
    const { clock, knock, gate } = await startedScene();
    const overheard = [1, 2].map((slot) => ALICE.seal(clock.wall(), slot));
    clock.pass(2000);
    expect(await knock(ALICE.seal(clock.wall(), 3))).toMatchObject([{ event: 'granted' }]);
    const elsewhere = { source: '198.51.100.8', detail: 'older than a message accepted from another address' };
    for (const datagram of overheard) {
      expect(await knock(datagram, address(elsewhere.source))).toEqual(refused('replayed', elsewhere));
      await gate.reload(loadedFrom(SHORTEST));
    }
  });

  it.each([
    ['enabled = false', 'enabled = false', {}],
    ['not_before = 2100-01-01T00:00:00Z', 'not_before', {}],
    ['not_after = 2020-01-01T00:00:00Z', 'not_after', {}],
    ['sources = ["192.0.2.0/24"]', 'sources', {}],
    ['', 'ports: tcp/80', { ports: [parsePort('tcp/80')] }],
    ['', 'no action of that name', { action: 'reboot' }],
  ])('denied, with the rule (%s, %s)', async (line, rule, request) => {
    const { clock, knock, firewall } = await startedScene(`${SHORTEST}${line}\n`);
    expect(await knock(ALICE.seal(clock.wall(), 1, request))).toEqual(refused('denied', { detail: rule }));
    expect(await firewall.list()).toEqual([]);
  });

  it('firewall-error, and the next one is not held up', async () => {
    const { clock, knock, firewall, gate } = await startedScene();
    firewall.failing = 'grant';
    expect(await knock(ALICE.seal(clock.wall(), 1))).toEqual(
      refused('firewall-error', { detail: 'grant does not work' }),
    );
    firewall.failing = '';
    expect(await knock(ALICE.seal(clock.wall(), 2))).toMatchObject([{ event: 'granted' }]);
    expect(gate.pipeline.counts).toEqual({ received: 2, unmatched: 0, refused: 1, granted: 1 });
  });

  it('for the right one of two clients', async () => {
    const { clock, knock } = await startedScene(WITH_BOB);
    expect(await knock(BOB.seal(clock.wall(), 1))).toMatchObject([{ client: 'bob', reason: 'denied' }]);
    expect(await knock(ALICE.seal(clock.wall(), 1))).toMatchObject([{ client: 'alice', event: 'granted' }]);
  });
});

describe('a disk that takes no replay file', () => {
  const noDisk = async () => {
    const path = join(temporaryFolder(), 'replay');
    mkdirSync(path);
    return await startedScene(SHORTEST, path);
  };

  it('is said once; what is later than the start is granted, and only once', async () => {
    const { clock, knock, entries, gate } = await noDisk();
    expect(entries[0]).toMatchObject({ event: 'state-degraded' });
    expect(gate.state.state).toBe('degraded');
    const datagram = ALICE.seal(clock.wall(), 1);
    expect(await knock(datagram)).toMatchObject([{ event: 'granted' }]);
    expect(await knock(datagram)).toEqual([]);
  });

  it('makes what may have been seen before the start refused', async () => {
    const { clock, knock } = await noDisk();
    const early = ALICE.seal(clock.wall(), 1, { timestamp: clock.wall() - 1000 });
    expect(await knock(early)).toEqual(refused('state-degraded'));
  });

  it('is found out by a write: said, and what is older than the start is not granted', async () => {
    const made = await startedScene();
    const { clock } = made;
    clock.pass(10_000);
    const { knock, gate } = await startedScene(SHORTEST, made.replayFile, clock);
    // Nothing can be written to a file that is closed.
    await gate.stop();
    const early = ALICE.seal(clock.wall(), 1, { timestamp: clock.wall() - 5000 });
    expect(await knock(early)).toEqual([
      { event: 'state-degraded', detail: 'the replay file cannot be written; kept in memory' },
      ...refused('state-degraded'),
    ]);
    expect(await knock(ALICE.seal(clock.wall(), 2))).toMatchObject([{ event: 'granted' }]);
  });
});

describe('policy', () => {
  it('is that of the moment: a reload counts for the next knock', async () => {
    const { clock, knock, gate } = await startedScene();
    const { config, ...loaded } = loadedFrom(SHORTEST);
    const sources = [parseNetwork('192.0.2.0/24')];
    const clients = loaded.clients.map((client) => ({ ...client, policy: { ...client.policy, sources } }));
    await gate.reload({ ...loaded, config, clients });
    expect(await knock(ALICE.seal(clock.wall(), 1))).toEqual(refused('denied', { detail: 'sources' }));
  });
});

describe('before it has started', () => {
  it('the gate knows no tag', async () => {
    const { clock, knock } = sceneOf();
    expect(await knock(ALICE.seal(clock.wall(), 1))).toEqual([]);
  });
});
