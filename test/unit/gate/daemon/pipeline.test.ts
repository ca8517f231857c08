import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { parseNetwork } from '../../../../src/base/addresses.ts';
import { parsePort } from '../../../../src/base/ports.ts';
import type { AccessRequest } from '../../../../src/spa/payload.ts';
import { ALICE, address, BOB, loadedFrom, SHORTEST, SOURCE, temporaryFolder } from '../support.ts';
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

  it('unauthentic, and the owner of its tag still gets in', async () => {
    const { clock, knock, firewall, gate } = await startedScene();
    const datagram = ALICE.seal(clock.wall(), 1);
    const forged = datagram.map((byte, i) => (i === 60 ? byte ^ 1 : byte));
    for (let i = 0; i < 3; i++)
      expect(await knock(forged, address('192.0.2.66'))).toEqual(refused('unauthentic', { source: '192.0.2.66' }));
    expect(firewall.verdictOn(datagram)).toBe('asks');
    expect(await knock(datagram)).toMatchObject([{ event: 'granted' }]);
    expect(gate.pipeline.counts).toEqual({ received: 4, unmatched: 0, refused: 3, granted: 1 });
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

/** A bound knock of alice's, of the present epoch. */
const boundKnock = (now: number, slot: number, other: Partial<AccessRequest> = {}) =>
  ALICE.seal(now, slot, { source: SOURCE, ...other }, 'bound');
const OPENED = { isOpened: true };
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A gate at which alice is known at `SOURCE`, which she has claimed. */
async function knownScene(text = SHORTEST) {
  const scene = await startedScene(text);
  expect(await scene.knock(ALICE.seal(scene.clock.wall(), 0, { source: SOURCE }))).toMatchObject([
    { event: 'granted' },
  ]);
  await settled();
  scene.clock.pass(1);
  return scene;
}

describe('an address', () => {
  it('is known once it was claimed in a message from it that let its client in', async () => {
    const { clock, firewall, gate, knock } = await knownScene();
    expect(firewall.known()).toEqual(['0x400008ce 198.51.100.7']);
    expect(firewall.verdictOn(boundKnock(clock.wall(), 1))).toBe('opens');
    expect(gate.state.leadSeconds).toBe(900);
    expect(await knock(boundKnock(clock.wall(), 1), SOURCE, OPENED)).toMatchObject([{ event: 'granted' }]);
  });

  it.each([
    ['was not claimed', SHORTEST, {}, SOURCE],
    ['was claimed from elsewhere', SHORTEST, { source: SOURCE }, address('192.0.2.66')],
    ['was not let in', `${SHORTEST}sources = ["192.0.2.0/24"]\n`, { source: SOURCE }, SOURCE],
    ['asked for too much', SHORTEST, { source: SOURCE, ports: [parsePort('tcp/80')] }, SOURCE],
  ])('is not, where it %s', async (_, text, request, source) => {
    const { clock, firewall, knock } = await startedScene(text);
    await knock(ALICE.seal(clock.wall(), 1, request), source);
    await settled();
    expect(firewall.known()).toEqual([]);
    expect(firewall.calls).not.toContain('addAddresses');
  });

  it('of a strict client has bound tags, to which the kernel does not open', async () => {
    const { clock, firewall, knock, gate } = await knownScene(`${SHORTEST}strict = true\n`);
    expect(firewall.verdictOn(boundKnock(clock.wall(), 1))).toBe('asks');
    expect(gate.state.leadSeconds).toBe(0);
    expect(await knock(boundKnock(clock.wall(), 1))).toMatchObject([{ event: 'granted' }]);
  });

  it('is known to a gate that starts again', async () => {
    const { gate, replayFile, clock } = await knownScene();
    await gate.stop();
    const { firewall } = await startedScene(SHORTEST, replayFile, clock);
    expect(firewall.verdictOn(boundKnock(clock.wall(), 1))).toBe('opens');
  });

  it('is forgotten a week after it was last used, though nobody knocks', async () => {
    const { clock, firewall, gate } = await knownScene();
    clock.pass(7 * 24 * 3600 * 1000 - 60_000);
    await gate.second();
    expect(firewall.verdictOn(boundKnock(clock.wall(), 1))).toBe('opens');
    clock.pass(120_000);
    await gate.second();
    await gate.heartbeat();
    expect(firewall.verdictOn(boundKnock(clock.wall(), 1))).toBe('drops');
    expect(firewall.known()).toEqual([]);
  });

  it('is forgotten when the clock was set back', async () => {
    const { clock, firewall, gate } = await knownScene();
    clock.jump(-10_000);
    await gate.second();
    expect(firewall.known()).toEqual([]);
    expect(firewall.verdictOn(boundKnock(clock.wall(), 1))).toBe('drops');
  });
});

describe('a bound tag', () => {
  it('that the kernel asks about, and would have opened to, was used before', async () => {
    const { clock, knock } = await knownScene();
    const detail = 'the kernel has opened to this tag before';
    expect(await knock(boundKnock(clock.wall(), 1))).toEqual(refused('replayed', { detail }));
    expect(await knock(boundKnock(clock.wall(), 2), SOURCE, OPENED)).toMatchObject([{ event: 'granted' }]);
  });

  it('from another address of the same /64, for which the kernel does not open, is the daemon’s', async () => {
    const [one, two] = [address('2001:db8::1'), address('2001:db8::2')];
    const { clock, knock, firewall } = await startedScene();
    await knock(ALICE.seal(clock.wall(), 0, { source: one }), one);
    await settled();
    clock.pass(1);
    const datagram = ALICE.seal(clock.wall(), 1, { source: two }, 'bound');
    expect(firewall.verdictOn(datagram, two)).toBe('asks');
    expect(await knock(datagram, two)).toMatchObject([{ event: 'granted', source: '2001:db8::2' }]);
    await settled();
    expect(firewall.known()).toEqual(['0x400008ce 2001:db8::1', '0x400008ce 2001:db8::2']);
  });

  it('whose message policy refuses: what the kernel has opened is taken back', async () => {
    const { clock, knock, firewall } = await knownScene();
    const datagram = boundKnock(clock.wall(), 1, { action: 'reboot' });
    expect(await knock(datagram, SOURCE, OPENED)).toEqual(refused('denied', { detail: 'no action of that name' }));
    expect(firewall.withdrawn).toEqual(['198.51.100.7 2254']);
  });

  it('whose message does not verify: nothing is taken back', async () => {
    const { clock, knock, firewall } = await knownScene();
    const forged = boundKnock(clock.wall(), 1).map((byte, i) => (i === 60 ? byte ^ 1 : byte));
    expect(await knock(forged, SOURCE, OPENED)).toEqual(refused('unauthentic'));
    expect(firewall.withdrawn).toEqual([]);
  });
});

describe('earlier tags', () => {
  it('of the client are worth nothing once its message is accepted', async () => {
    const { clock, knock, firewall } = await startedScene(WITH_BOB.replace('enabled = false\n', ''));
    const own = ALICE.seal(clock.wall(), 1);
    const bobs = BOB.seal(clock.wall(), 1);
    const earlier = [own, bobs].map((datagram) => datagram.subarray(0, 16));
    await knock(ALICE.seal(clock.wall(), 2, { earlier }));
    await settled();
    expect([own, bobs].map((datagram) => firewall.verdictOn(datagram))).toEqual(['drops', 'asks']);
    expect(await knock(own)).toEqual([]);
    expect(await knock(bobs)).toMatchObject([{ event: 'granted', client: 'bob' }]);
  });

  it('stay where the message that names them is not accepted', async () => {
    const { clock, knock, firewall } = await startedScene();
    const own = ALICE.seal(clock.wall(), 1);
    const earlier = [own.subarray(0, 16)];
    await knock(ALICE.seal(clock.wall(), 2, { earlier, timestamp: clock.wall() - 75_000 }));
    await settled();
    expect(firewall.verdictOn(own)).toBe('asks');
    expect(await knock(own)).toMatchObject([{ event: 'granted' }]);
  });
});

describe('earlier tags of a time to come', () => {
  it('are worth nothing either: the clock of their client was ahead', async () => {
    const { clock, knock, firewall, gate } = await startedScene(WITH_BOB.replace('enabled = false\n', ''));
    const ahead = clock.wall() + 150_000;
    const [own, bobs] = [ALICE.seal(ahead, 1), BOB.seal(ahead, 1)];
    const earlier = [own, bobs].map((datagram) => datagram.subarray(0, 16));
    expect(firewall.verdictOn(own)).toBe('drops');
    expect(await knock(ALICE.seal(clock.wall(), 2, { earlier }))).toMatchObject([{ event: 'granted' }]);
    await settled();
    clock.pass(150_000);
    await gate.second();
    expect([own, bobs].map((datagram) => firewall.verdictOn(datagram))).toEqual(['drops', 'asks']);
    expect(await knock(own)).toEqual([]);
    expect(await knock(bobs)).toMatchObject([{ event: 'granted', client: 'bob' }]);
  });
});

describe('a gate whose kernel opens to who comes first', () => {
  const FIRST = SHORTEST.replace('[gate]', '[gate]\nwithout_daemon = "first"');

  it('notes a tag as used in the kernel before the daemon grants to it', async () => {
    const { clock, knock, firewall } = await startedScene(FIRST);
    const datagram = ALICE.seal(clock.wall(), 1);
    expect(firewall.markOf(datagram)).toBe(2254);
    firewall.calls.length = 0;
    expect(await knock(datagram)).toMatchObject([{ event: 'granted' }]);
    expect(firewall.calls.slice(0, 2)).toEqual(['claimTag', 'grant']);
  });

  it('tells the kernel that the daemon hears, and not while it does not', async () => {
    const { gate, firewall, capture } = await startedScene(FIRST);
    await gate.heartbeat();
    expect(firewall.calls).toContain('isHearing');
    firewall.calls.length = 0;
    capture.events?.lost('tcpdump ended');
    await gate.heartbeat();
    expect(firewall.calls).not.toContain('isHearing');
  });

  it('leaves clients to the daemon whose networks are bounded', async () => {
    const { clock, firewall } = await startedScene(`${FIRST}sources = ["192.0.2.0/24"]\n`);
    expect(firewall.markOf(ALICE.seal(clock.wall(), 1))).toBe(0x80000000);
  });
});
