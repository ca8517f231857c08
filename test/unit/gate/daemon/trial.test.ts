import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTrial, removeTrial, writeTrial } from '../../../../server-helper/daemon/trial.ts';
import { ALICE, BOB, FakeClock, loadedFrom, problemOf, SHORTEST, temporaryFolder } from '../support.ts';
import { sceneOf } from './support.ts';

const BOTH = `${SHORTEST}\n[[client]]\nname = "bob"\nkey = "${BOB.key}"\n`;

describe('the file of a trial', () => {
  const file = () => join(temporaryFolder(), 'trial');

  it('is read as it was written, by everybody', () => {
    const path = file();
    expect(readTrial(path)).toBeUndefined();
    writeTrial(path, 12345.678);
    expect(readTrial(path)).toBe(12345.68);
    expect(statSync(path).mode & 0o777).toBe(0o644);
    removeTrial(path);
    removeTrial(path);
    expect(readTrial(path)).toBeUndefined();
  });

  it.each(['', '\n', '12', '-5\n', '1e9\n', 'Infinity\n', '12\n13\n', '0x10\n'])(
    '%j is a trial that is over',
    (text) => {
      const path = file();
      writeFileSync(path, text);
      expect(readTrial(path)).toBe(0);
    },
  );

  it('that cannot be read is a trial that is over', () => {
    const path = file();
    mkdirSync(path);
    expect(readTrial(path)).toBe(0);
  });

  it('that cannot be written is named', async () => {
    const path = join(temporaryFolder(), 'nowhere', 'trial');
    expect(await problemOf(() => writeTrial(path, 1))).toMatchObject({ code: 'file-unwritable' });
  });

  it('is never half there', () => {
    const path = file();
    writeTrial(path, 1);
    writeTrial(path, 2);
    expect(readFileSync(path, 'latin1')).toBe('2.00\n');
  });
});

/** A gate that has started with a trial of a minute. */
async function onTrial() {
  const clock = new FakeClock();
  const scene = sceneOf(SHORTEST, undefined, clock);
  scene.trial = clock.uptime() + 60;
  await scene.gate.start();
  return scene;
}

describe('a gate on trial', () => {
  it('has the kernel hide the ports for what is left, and says so', async () => {
    const { firewall, clock, gate, armedForGood } = await onTrial();
    expect(firewall.plans[0]?.trialUntil).toBe(clock.steady() + 60_000);
    // The next boot must not know of it.
    expect(armedForGood).toEqual([]);
    expect(gate.state).toMatchObject({ armedAt: clock.wall(), trialLeft: 60 });
    clock.pass(12_500);
    expect(gate.state.trialLeft).toBe(47);
  });

  it('takes its table away when the time is over, once, and stays disarmed', async () => {
    const { firewall, clock, gate, entries } = await onTrial();
    clock.pass(59_100);
    firewall.calls.length = 0;
    await gate.second();
    await gate.second();
    firewall.found = 'gone';
    await gate.heartbeat();
    expect(firewall.calls).toEqual(['disarm']);
    expect(entries.filter(({ event }) => event === 'trial-over')).toHaveLength(1);
    expect(gate.state).toMatchObject({ armedAt: undefined, trialLeft: 0 });
  });

  it('does not put back what the kernel took away at the end', async () => {
    const { firewall, clock, gate } = await onTrial();
    clock.pass(59_100);
    firewall.found = 'changed';
    await gate.heartbeat();
    expect(firewall.calls).not.toContain('restore');
  });

  it('feeds the watchdog also when it is disarmed', async () => {
    const { clock, gate } = await onTrial();
    clock.pass(60_000);
    await gate.second();
    clock.pass(60_000);
    expect(gate.isSound(15_000)).toBe(false);
    await gate.heartbeat();
    expect(gate.isSound(15_000)).toBe(true);
  });

  it('tries again when the table could not be taken away', async () => {
    const { firewall, clock, gate } = await onTrial();
    clock.pass(60_000);
    firewall.failing = 'disarm';
    await gate.second();
    expect(gate.state.armedAt).toBeDefined();
    firewall.failing = '';
    await gate.second();
    expect(gate.state.armedAt).toBeUndefined();
  });

  it('stays when it is confirmed in time', async () => {
    const { firewall, clock, gate, entries, armedForGood } = await onTrial();
    clock.pass(30_000);
    await gate.confirm();
    expect(armedForGood).toEqual([firewall.plans.at(-1)]);
    expect(entries.at(-1)).toEqual({ event: 'confirmed' });
    expect(firewall.plans.at(-1)).not.toHaveProperty('trialUntil');
    clock.pass(60_000);
    await gate.second();
    expect(firewall.calls).not.toContain('disarm');
    expect(gate.state.trialLeft).toBeUndefined();
    // Once more does no harm: a client may not have heard the first answer.
    await gate.confirm();
    expect(firewall.plans).toHaveLength(2);
  });

  it('stays on trial when the confirmation could not be carried out', async () => {
    const { firewall, gate } = await onTrial();
    firewall.failing = 'arm';
    await expect(gate.confirm()).rejects.toThrow('arm');
    expect(gate.state.trialLeft).toBe(60);
  });

  it.each([59_100, 70_000])('cannot be confirmed after %i of its 60,000 ms', async (ms) => {
    const { clock, gate, firewall } = await onTrial();
    clock.pass(ms);
    expect(await problemOf(() => gate.confirm())).toMatchObject({ code: 'trial-over', exit: 13 });
    await gate.second();
    expect(await problemOf(() => gate.confirm())).toMatchObject({ code: 'trial-over' });
    expect(firewall.plans).toHaveLength(1);
  });
});

describe('a gate that is started again during its trial', () => {
  it('is not over before it has begun: a confirmation has to wait', async () => {
    const scene = sceneOf();
    const { gate, firewall } = scene;
    scene.trial = scene.clock.uptime() + 60;
    const early: Promise<unknown>[] = [];
    const addTags = firewall.addTags.bind(firewall);
    // The ports are hidden then, and tags are still missing.
    firewall.addTags = async (...given) => {
      early.push(problemOf(() => gate.confirm()));
      await addTags(...given);
    };
    const started = gate.start();
    early.push(problemOf(() => gate.confirm()));
    await started;
    expect(early.length).toBeGreaterThan(1);
    for (const problem of await Promise.all(early)) expect(problem).toMatchObject({ code: 'starting' });
    await gate.confirm();
    expect(gate.state.trialLeft).toBeUndefined();
  });
});

describe('a gate that starts when its trial is over', () => {
  it('hides nothing, and takes away what the one before it has hidden', async () => {
    const scene = sceneOf();
    scene.trial = 0;
    await scene.gate.start();
    expect(scene.firewall.calls).toEqual(['capture', 'disarm']);
    expect(scene.gate.state).toMatchObject({ armedAt: undefined, trialLeft: 0 });
    expect(scene.gate.isSound(15_000)).toBe(true);
  });
});

describe('a reload', () => {
  it('goes on with the trial, and does not lengthen it', async () => {
    const { firewall, clock, gate } = await onTrial();
    clock.pass(20_000);
    await gate.reload(loadedFrom(BOTH));
    expect(firewall.plans.at(-1)?.trialUntil).toBe(clock.steady() + 40_000);
  });

  it('begins a trial, also one after another that is over', async () => {
    const scene = await onTrial();
    const { clock, gate, firewall, knock } = scene;
    clock.pass(60_000);
    await gate.second();
    scene.trial = clock.uptime() + 60;
    await gate.reload(loadedFrom(SHORTEST));
    expect(gate.state).toMatchObject({ armedAt: clock.wall(), trialLeft: 60 });
    expect(firewall.alive().length).toBeGreaterThan(0);
    expect(await knock(ALICE.seal(clock.wall(), 1))).toMatchObject([{ event: 'granted' }]);
  });

  it('arms nothing when the trial is over', async () => {
    const { clock, gate, firewall } = await onTrial();
    clock.pass(60_000);
    await gate.second();
    firewall.calls.length = 0;
    await gate.reload(loadedFrom(BOTH));
    expect(firewall.calls).toEqual(['disarm']);
    expect(gate.config.clients).toHaveLength(2);
  });

  it('that fails leaves the trial as it was', async () => {
    const scene = await onTrial();
    scene.trial = undefined;
    scene.firewall.failing = 'arm';
    await expect(scene.gate.reload(loadedFrom(BOTH))).rejects.toThrow('arm');
    expect(scene.gate.state.trialLeft).toBe(60);
  });
});
