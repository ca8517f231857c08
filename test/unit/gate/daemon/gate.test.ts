import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Door } from '../../../../server-helper/daemon/door.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { ALICE, BOB, BOOT, type FakeClock, loadedFrom, problemOf, SHORTEST, temporaryFolder } from '../support.ts';
import { FakeCapture, sceneOf, startedScene } from './support.ts';

const BOTH = `${SHORTEST}\n[[client]]\nname = "bob"\nkey = "${BOB.key}"\n`;

describe('a gate that starts', () => {
  it('listens, then hides the ports, then lets tags through', async () => {
    const { gate, firewall, entries, clock } = sceneOf();
    expect(gate.state).toEqual({
      armedAt: undefined,
      capturing: false,
      state: 'durable',
      restored: 0,
      leadSeconds: 0,
      trialLeft: undefined,
    });
    await gate.start();
    expect(firewall.calls.slice(0, 3)).toEqual(['capture', 'arm', 'seenTags']);
    expect(firewall.calls.slice(3)).toEqual(['openUntil', 'replaceTags', 'addTags']);
    expect(entries).toEqual([{ event: 'armed', detail: '3 established flows adopted' }]);
    expect(gate.state).toEqual({
      armedAt: clock.wall(),
      capturing: true,
      state: 'durable',
      restored: 0,
      leadSeconds: 0,
      trialLeft: undefined,
    });
  });

  it('hides nothing when it cannot listen', async () => {
    const { gate, firewall, capture } = sceneOf();
    capture.failing = true;
    await expect(gate.start()).rejects.toThrow('no capture');
    expect(firewall.calls).toEqual(['capture']);
  });

  it('hides nothing by a reload that comes before it listens', async () => {
    const { gate, firewall, entries } = sceneOf();
    expect((await problemOf(() => gate.reload(loadedFrom(BOTH)))).code).toBe('starting');
    expect([firewall.calls, entries]).toEqual([[], []]);
  });

  it.each(['arm', 'replaceTags', 'openUntil', 'addTags'])('leaves no program behind when %s fails', async (call) => {
    const { gate, firewall, capture, entries } = sceneOf();
    firewall.failing = call;
    await expect(gate.start()).rejects.toThrow(`${call} does not work`);
    expect(capture.stopped).toBe(1);
    expect(firewall.calls.at(-1)).toBe('close');
    expect(entries).toEqual([]);
  });
});

describe('a gate that stops', () => {
  it('stops listening and lets go of its programs; nothing is shown again', async () => {
    const { gate, firewall, capture, entries } = await startedScene();
    const tags = firewall.alive();
    firewall.calls.length = 0;
    await gate.stop();
    expect(capture.stopped).toBe(1);
    expect(firewall.calls).toEqual(['close']);
    // The kernel goes on to open for clients at known addresses.
    expect(firewall.alive()).toEqual(tags);
    expect(entries.at(-1)).toMatchObject({ event: 'stopped' });
  });
});

describe('the capture', () => {
  it('says when it is lost and when it is back', async () => {
    const { gate, capture, entries } = await startedScene();
    capture.events?.lost('tcpdump ended');
    expect(gate.state.capturing).toBe(false);
    capture.events?.restored();
    expect(gate.state.capturing).toBe(true);
    expect(gate.isSound(15_000)).toBe(true);
    expect(entries.slice(1)).toEqual([
      { event: 'capture-lost', detail: 'tcpdump ended' },
      { event: 'capture-restored' },
    ]);
  });
});

describe('a watchdog', () => {
  it('is not fed by a gate that has been deaf for too long, nor by one that has not looked at its table', async () => {
    const { gate, capture, clock } = await startedScene();
    capture.events?.lost('tcpdump ended');
    clock.pass(14_000);
    capture.events?.lost('tcpdump ended again');
    await gate.heartbeat();
    expect(gate.isSound(15_000)).toBe(true);
    clock.pass(1_000);
    expect(gate.isSound(15_000)).toBe(false);
    capture.events?.restored();
    expect(gate.isSound(15_000)).toBe(true);
    clock.pass(14_000);
    expect(gate.isSound(15_000)).toBe(false);
  });
});

describe('a watchdog, while tags are made again', () => {
  it('is fed, however long that takes', async () => {
    const keys = Array.from({ length: 12 }, (_, i) =>
      formatKey(nodeCrypto.publicKey(new Uint8Array(32).fill(100 + i))),
    );
    const others = keys.map((key, i) => `[[client]]\nname = "client${i}"\nkey = "${key}"\n`);
    const crowd = `${SHORTEST}\n${others.join('')}`.replace('[gate]', '[gate]\nslots = 64');
    const { gate, clock, firewall } = await startedScene(crowd);
    const sound: boolean[] = [];
    firewall.addTags = async () => {
      sound.push(gate.isSound(15_000));
      clock.pass(10_000);
    };
    clock.jump(3_600_000);
    await gate.second();
    expect(sound.length).toBeGreaterThan(2);
    expect(sound).not.toContain(false);
  });
});

describe('the heartbeat', () => {
  it.each([
    ['gone', 'the table was flushed'],
    ['changed', 'the table was changed'],
  ] as const)('puts back a table that is %s, with the tags that are not spent', async (found, detail) => {
    const { gate, firewall, entries, clock, knock } = await startedScene();
    await knock(ALICE.seal(clock.wall(), 1));
    const before = firewall.alive();
    firewall.found = found;
    await gate.heartbeat();
    expect(entries.slice(-2)).toEqual([
      { event: 'firewall-lost', detail },
      { event: 'firewall-restored', seconds: 0, detail: '2 established flows adopted' },
    ]);
    const spent = ALICE.seal(clock.wall(), 1).subarray(0, 16);
    expect(firewall.alive()).toEqual(before.filter((tag) => tag !== Buffer.from(spent).toString('hex')));
    expect(gate.state.restored).toBe(1);
    expect(await knock(ALICE.seal(clock.wall(), 2))).toMatchObject([{ event: 'granted' }]);
  });

  it('leaves alone what is as it should be', async () => {
    const { gate, firewall, capture, entries } = await startedScene();
    firewall.calls.length = 0;
    await gate.heartbeat();
    expect(firewall.calls).toEqual(['heartbeat']);
    expect(capture.beats).toBe(1);
    expect(entries).toHaveLength(1);
  });

  it('puts nothing back once the gate is to stop, whatever its programs’ ends look like', async () => {
    const { gate, firewall, capture, entries } = await startedScene();
    firewall.found = 'gone';
    firewall.calls.length = 0;
    await Promise.all([gate.stop(), gate.heartbeat()]);
    await gate.heartbeat();
    expect(firewall.calls).not.toContain('heartbeat');
    expect(firewall.calls).not.toContain('restore');
    expect(capture.beats).toBe(0);
    expect(entries.at(-1)).toMatchObject({ event: 'stopped' });
  });

  it('that fails to restore tries again the next time', async () => {
    const { gate, firewall } = await startedScene();
    firewall.found = 'gone';
    firewall.failing = 'restore';
    await expect(gate.heartbeat()).rejects.toThrow('restore does not work');
    firewall.failing = '';
    await gate.heartbeat();
    expect(gate.state.restored).toBe(1);
  });

  it('comes at once when tags cannot be added', async () => {
    const { gate, firewall, clock, entries } = await startedScene();
    clock.pass(30_000);
    firewall.failing = 'addTags';
    firewall.found = 'gone';
    await expect(gate.second()).rejects.toThrow('addTags');
    expect(entries).toContainEqual({ event: 'firewall-lost', detail: 'the table was flushed' });
    firewall.failing = '';
    await gate.second();
    // One client's five epochs, complete.
    expect(firewall.alive()).toHaveLength(5 * 32);
  });
});

describe('a reload', () => {
  it('brings in clients and lets them out, by tags too', async () => {
    const { gate, firewall, clock, knock, entries } = await startedScene();
    expect(await knock(BOB.seal(clock.wall(), 1))).toEqual([]);
    await gate.reload(loadedFrom(BOTH));
    expect(entries.at(-1)).toEqual({ event: 'reloaded', detail: 'clients: 2' });
    expect(firewall.alive()).toHaveLength(2 * 5 * 32);
    expect(await knock(BOB.seal(clock.wall(), 2))).toMatchObject([{ event: 'granted', client: 'bob' }]);
    await gate.reload(loadedFrom(SHORTEST));
    // And the one that Bob has spent, which opens nothing.
    expect(firewall.alive()).toHaveLength(5 * 32 + 1);
    expect(await knock(BOB.seal(clock.wall(), 3))).toEqual([]);
  });

  it('never takes the tags of a client that stays out of the kernel, and hears its knocks meanwhile', async () => {
    const { gate, firewall, clock, knock } = await startedScene(BOTH);
    const stay = new Set(firewall.alive());
    firewall.calls.length = 0;
    const reloading = gate.reload(loadedFrom(SHORTEST));
    for (let slot = 1; slot <= 10; slot++) {
      const events = (await knock(ALICE.seal(clock.wall(), slot))).map(({ event }) => event);
      expect([slot, ...events.filter((event) => event !== 'reloaded')]).toEqual([slot, 'granted']);
    }
    await reloading;
    // Nothing is given to it again either: while it takes thousands of tags, knocks wait.
    expect(firewall.calls.filter((call) => /Tags/.test(call) && call !== 'removeTags')).toEqual([]);
    const left = firewall.alive();
    expect(left.every((tag) => stay.has(tag))).toBe(true);
    expect(left).toHaveLength(5 * 32);
  });

  it('makes all tags again when one to be taken back is missing, or the tolerance is another', async () => {
    const { gate, firewall } = await startedScene(BOTH);
    firewall.failing = 'removeTags';
    await gate.reload(loadedFrom(SHORTEST));
    expect([firewall.calls.at(-1), firewall.alive().length]).toEqual(['addTags', 5 * 32]);
    firewall.failing = '';
    firewall.calls.length = 0;
    await gate.reload(loadedFrom('[gate]\nclock_tolerance = 10\n'));
    expect([firewall.calls, firewall.alive()]).toEqual([['arm', 'openUntil', 'replaceTags'], []]);
  });

  it('keeps spent tags spent, and all others good: those of the same epoch too', async () => {
    const { gate, firewall, clock, knock } = await startedScene();
    const datagram = ALICE.seal(clock.wall(), 1);
    await knock(datagram);
    await gate.reload(loadedFrom(SHORTEST));
    // The kernel knows apart from its tags which are spent.
    expect(firewall.alive()).toHaveLength(5 * 32);
    expect(await knock(datagram)).toEqual([]);
    expect(await knock(ALICE.seal(clock.wall(), 2))).toMatchObject([{ event: 'granted' }]);
  });

  it.each([true, false])('keeps the replay record (on a disk: %s)', async (disk) => {
    const made = sceneOf();
    await made.gate.stop();
    if (!disk) {
      // A folder instead of the file: nothing can be opened there.
      rmSync(made.replayFile);
      mkdirSync(made.replayFile);
    }
    const { gate, clock, knock } = await startedScene(SHORTEST, made.replayFile, made.clock);
    const datagram = ALICE.seal(clock.wall(), 1);
    await knock(datagram);
    await gate.reload(loadedFrom(BOTH));
    // A clock that goes away and comes back makes the tags anew: which were spent is forgotten.
    for (const by of [3_600_000, -3_600_000]) {
      clock.jump(by);
      await gate.second();
    }
    expect(await knock(datagram)).toMatchObject([{ event: 'refused', reason: 'replayed' }]);
    expect(gate.state.state).toBe(disk ? 'durable' : 'degraded');
  });

  it('keeps live grants', async () => {
    const { gate, firewall, clock, knock } = await startedScene();
    await knock(ALICE.seal(clock.wall(), 1));
    await gate.reload(loadedFrom(BOTH));
    expect(await firewall.list()).toHaveLength(1);
  });

  it('that fails leaves the old configuration in force', async () => {
    const { gate, firewall, clock, knock } = await startedScene();
    firewall.failing = 'arm';
    await expect(gate.reload(loadedFrom(BOTH))).rejects.toThrow('arm does not work');
    firewall.failing = '';
    expect(gate.config.clients.map(({ name }) => name)).toEqual(['alice']);
    expect(await knock(BOB.seal(clock.wall(), 1))).toEqual([]);
    expect(await knock(ALICE.seal(clock.wall(), 1))).toMatchObject([{ event: 'granted' }]);
  });

  it.each([
    ['nflog_group = 7', ''],
    ['capture = "socket"', ''],
    ['capture = "socket"\nknock_ports = [53]', 'capture = "socket"'],
  ])('that would have knocks heard in another way (%s) is refused: nobody would hear them', async (after, before) => {
    const { gate, firewall } = await startedScene(`[gate]\n${before}\n`);
    firewall.calls.length = 0;
    const problem = await problemOf(() => gate.reload(loadedFrom(`[gate]\n${after}\n`)));
    expect(problem).toMatchObject({
      code: 'restart-needed',
      next: expect.stringContaining('systemctl restart knockgate'),
    });
    expect(firewall.calls).toEqual([]);
  });

  it('may change the knock ports where the kernel listens', async () => {
    const { gate, firewall } = await startedScene();
    await gate.reload(loadedFrom('[gate]\nknock_ports = [53]\n'));
    expect(firewall.plans.at(-1)?.knockPorts).toEqual([53]);
  });

  it('onto a disk that takes nothing any more takes nothing older than itself', async () => {
    const { gate, clock, knock, replayFile, entries } = await startedScene();
    await knock(ALICE.seal(clock.wall(), 1));
    rmSync(replayFile);
    mkdirSync(replayFile);
    clock.pass(1000);
    const before = ALICE.seal(clock.wall(), 2);
    await gate.reload(loadedFrom(SHORTEST));
    expect(entries.some(({ event }) => event === 'state-degraded')).toBe(true);
    expect(await knock(before)).toMatchObject([{ reason: 'state-degraded' }]);
    clock.pass(1);
    expect(await knock(ALICE.seal(clock.wall(), 3))).toMatchObject([{ event: 'granted' }]);
  });
});

/** A door beside the gate's own. */
function doorOf(clock: FakeClock, replayFile = join(temporaryFolder(), 'other-replay')): Door {
  const parts = { crypto: nodeCrypto, clock, audit: () => {}, capture: new FakeCapture([]), replayFile, boot: BOOT };
  return new Door(parts, 'other', { hearing: '', senders: [ALICE.publicKey], places: 4 });
}

describe('the state of a gate', () => {
  it('is that of all its doors: a record that cannot be written, a capture that is lost', async () => {
    const { gate, clock, otherDoors } = await startedScene();
    const healthy = doorOf(clock);
    await healthy.listen({ packet: () => {} });
    otherDoors.push(healthy);
    expect(gate.state).toMatchObject({ state: 'durable', capturing: true });
    // The path is a folder, so nothing can be written; and the door does not listen yet.
    otherDoors.push(doorOf(clock, temporaryFolder()));
    expect(gate.state).toMatchObject({ state: 'degraded', capturing: false });
  });
});

describe('the clock', () => {
  it('that was set is said, and knocks by the new time are heard', async () => {
    const { gate, clock, entries, knock } = await startedScene();
    clock.jump(3_600_000);
    expect(await knock(ALICE.seal(clock.wall(), 1))).toEqual([]);
    await gate.second();
    expect(entries.at(-1)).toEqual({ event: 'clock-set', skew_ms: 3_600_000, detail: 'all tags made again' });
    expect(await knock(ALICE.seal(clock.wall(), 2))).toMatchObject([{ event: 'granted' }]);
  });

  it('that was set reaches the other doors, whose records are dated by it', async () => {
    const { gate, clock, otherDoors } = await startedScene();
    const other = doorOf(clock);
    otherDoors.push(other);
    clock.jump(-3_600_000);
    await gate.second();
    clock.pass(1);
    // A record that was begun an hour ahead of this would call the message older than itself.
    expect(other.replay.accept(ALICE.publicKey, clock.wall(), new Uint8Array(16))).toMatchObject({ fresh: true });
    await other.close();
  });

  it('that was ahead when the gate began locks nobody out, also after a reload before it was set', async () => {
    const { gate, clock, knock } = await startedScene();
    await gate.reload(loadedFrom(SHORTEST));
    clock.jump(-3_600_000);
    await gate.second();
    clock.pass(1);
    expect(await knock(ALICE.seal(clock.wall(), 1))).toMatchObject([{ event: 'granted' }]);
  });
});
