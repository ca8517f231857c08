import { describe, expect, it } from 'vitest';
import { SequenceRotation } from '../../../../server-helper/daemon/sequence-rotation.ts';
import { oneTimeSequence, timeStepAt } from '../../../../src/sequence/one-time.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { ALICE, BOB, FakeClock, loadedFrom, SEQUENCE_KEY, SHORTEST } from '../support.ts';
import { RecordingFirewall } from './support.ts';

const WITH_KEY = `${SHORTEST}sequence_key_file = "/key"\n`;
const FIXED = `\n[[sequence]]\nname = "door"\nsteps = ["tcp/7003", "tcp/7001", "tcp/7005"]\n`;

function rig(text = WITH_KEY) {
  const clock = new FakeClock();
  const firewall = new RecordingFirewall(clock);
  const rotation = new SequenceRotation(clock, firewall, nodeCrypto, loadedFrom(text));
  return { clock, firewall, rotation };
}

const marksAt = (timeSteps: readonly number[], client = 'alice') =>
  timeSteps.map((timeStep) => oneTimeSequence(nodeCrypto, SEQUENCE_KEY, client, timeStep).mark).sort();
const marksIn = (firewall: RecordingFirewall) => firewall.sequences.flatMap(({ once }) => once?.mark ?? []).sort();

describe('the one-time sequences in the kernel', () => {
  it('are, at every second, those of the minute and its neighbours, and end when they are over', async () => {
    const { clock, firewall, rotation } = rig();
    await rotation.fill(true);
    for (let second = 0; second < 400; second++) {
      const now = timeStepAt(clock.wall());
      expect(marksIn(firewall)).toEqual(marksAt([now - 1, now, now + 1]));
      clock.pass(1000);
      await rotation.tick();
    }
    const { once } = firewall.sequences[0] ?? {};
    expect(once?.expiresIn).toBeGreaterThan(60);
    expect(once?.expiresIn).toBeLessThanOrEqual(120);
    expect(firewall.calls.filter((call) => call === 'setSequences').length).toBeLessThan(9);
  });

  it('are none that may have been used before, where that is not known any more', async () => {
    const { clock, firewall, rotation } = rig();
    const start = timeStepAt(clock.wall());
    await rotation.fill(false);
    expect(marksIn(firewall)).toEqual([]);
    for (const expected of [[start + 2], [start + 2, start + 3], [start + 2, start + 3, start + 4]]) {
      clock.pass(60_000);
      await rotation.tick();
      expect(marksIn(firewall)).toEqual(marksAt(expected.filter((each) => each <= timeStepAt(clock.wall()) + 1)));
    }
  });

  it('are none that may have been used before a boot whose clock was put right later', async () => {
    const { clock, firewall, rotation } = rig();
    await rotation.fill(false);
    clock.jump(3_600_000);
    const booted = timeStepAt(clock.wall());
    await rotation.tick();
    expect(marksIn(firewall)).toEqual([]);
    clock.pass(60_000);
    await rotation.tick();
    expect(marksIn(firewall)).toEqual(marksAt([booted + 2]));
  });

  it('do not come back with a clock that is set back, nor stay away for long', async () => {
    const { clock, firewall, rotation } = rig();
    await rotation.fill(false);
    clock.jump(-300_000);
    await rotation.tick();
    expect(marksIn(firewall)).toEqual([]);
    // As after a boot whose clock was a day ahead.
    clock.jump(-86_400_000);
    await rotation.tick();
    clock.pass(120_000);
    const now = timeStepAt(clock.wall());
    await rotation.tick();
    expect(marksIn(firewall)).toEqual(marksAt([now, now + 1]));
  });

  it('end with their client', async () => {
    const { clock, firewall, rotation } = rig();
    const end = new Date(Math.floor(clock.wall() / 1000) * 1000 + 5000).toISOString().replace('.000', '');
    const dated = new SequenceRotation(clock, firewall, nodeCrypto, loadedFrom(`${WITH_KEY}not_after = ${end}\n`));
    await rotation.fill(true);
    await dated.fill(true);
    expect(new Set(firewall.sequences.map(({ once }) => once?.expiresIn))).toEqual(new Set([5]));
  });

  it('are beside the ones that the configuration spells out', async () => {
    const { firewall, rotation } = rig(WITH_KEY + FIXED);
    await rotation.fill(true);
    expect(firewall.sequences.map(({ once }) => once === undefined)).toEqual([true, false, false, false]);
  });

  it.each([
    ['has no key for them', SHORTEST],
    ['is disabled', `${WITH_KEY}enabled = false\n`],
    ['is out of its dates', `${WITH_KEY}not_after = 2001-01-01T00:00:00Z\n`],
  ])('are none of a client that %s', async (_, text) => {
    const { firewall, rotation } = rig(text);
    await rotation.fill(true);
    expect(marksIn(firewall)).toEqual([]);
  });

  it('follow a new configuration at once', async () => {
    const { clock, firewall, rotation } = rig();
    await rotation.fill(true);
    const bob = WITH_KEY.replace('alice', 'bob').replace(ALICE.key, BOB.key);
    await rotation.swap(loadedFrom(bob), true);
    const now = timeStepAt(clock.wall());
    expect(marksIn(firewall)).toEqual(marksAt([now - 1, now, now + 1], 'bob'));
  });

  it('go with the last client that had some, and fixed sequences stay', async () => {
    const { firewall, rotation } = rig(`${WITH_KEY}${FIXED}`);
    await rotation.fill(true);
    expect(firewall.sequences).toHaveLength(4);
    await rotation.swap(loadedFrom(`${SHORTEST}${FIXED}`), true);
    expect(firewall.sequences.map(({ once }) => once)).toEqual([undefined]);
    firewall.calls.length = 0;
    await rotation.swap(loadedFrom(SHORTEST), true);
    expect(firewall.calls).toEqual([]);
  });

  it('open what the client may have, no longer than it may', async () => {
    const { firewall, rotation } = rig(`${WITH_KEY}longest_grant = 7\nsources = ["192.0.2.0/24"]\n`);
    await rotation.fill(true);
    expect(firewall.sequences[0]).toMatchObject({ seconds: 7, ports: [{ protocol: 'tcp', port: 22 }] });
    expect(firewall.sequences[0]?.sources).toHaveLength(1);
  });
});
