import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HEARING_SECONDS } from '../../server-helper/firewall/spa-rules.ts';
import { BOUND_SLOTS } from '../../src/spa/tags.ts';
import { clockOff } from '../rig/clock-off.ts';
import { anHourEarlier } from '../rig/nft.ts';
import { sleep } from '../rig/process.ts';
import {
  type Captured,
  capture,
  ELSEWHERE,
  HOMES,
  homeStage,
  replay,
  takesFreshKnocks,
} from './kernel-opens/captured.ts';
import type { Stage } from './kernel-opens/stage.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** Tags are current for so long before and after their epoch: time for a daemon to be started twice. */
const REACH = { clock_tolerance: 30 };
const HOUR_MS = 3_600_000;
/** On a busy machine the daemon looks at its table once a minute. */
const LOOKS_WITHIN_MS = 70_000;
const [HOME = { client: 0, source: '' }] = HOMES;

let stage: Stage;
beforeEach(async () => {
  stage = await homeStage('replay', REACH);
  await stage.untilTrusted();
});
afterEach(async () => {
  await stage?.end();
});

async function expectNothing(captured: readonly Captured[]) {
  expect(await replay(stage, captured)).toEqual([]);
}

describe('a knock that was captured opens nothing', () => {
  it('after the daemon was killed and the ruleset flushed', async () => {
    const captured = await capture(stage);
    await stage.kill();
    await stage.flushRuleset();
    await stage.gate.start();
    await expectNothing(captured);
    expect(await takesFreshKnocks(stage)).toBe(true);
  });

  it('after that, when the new daemon was killed as well', async () => {
    const captured = await capture(stage);
    await stage.kill();
    await stage.flushRuleset();
    await stage.gate.start();
    await stage.kill();
    await expectNothing(captured);
    await stage.gate.start();
    await expectNothing(captured);
    expect(await takesFreshKnocks(stage)).toBe(true);
  });

  it.each([
    ['', false],
    [' and the ruleset was flushed', true],
  ])('after an older state folder was restored%s', async (_, isFlushed) => {
    const older = join(stage.gate.dir, 'older');
    cpSync(stage.gate.stateDir, older, { recursive: true, preserveTimestamps: true });
    const captured = await capture(stage);
    await stage.kill();
    rmSync(stage.gate.stateDir, { recursive: true });
    cpSync(older, stage.gate.stateDir, { recursive: true, preserveTimestamps: true });
    stage.gate.giveState();
    if (isFlushed) await stage.flushRuleset();
    await stage.gate.start();
    await expectNothing(captured);
    expect(await takesFreshKnocks(stage)).toBe(true);
  });

  it.each([20_000, HOUR_MS])('after the daemon came back with a clock that is %i ms behind', async (behind) => {
    const captured = await capture(stage);
    await stage.kill();
    stage.gate.setEnvironment(clockOff(-behind));
    await stage.gate.start();
    await expectNothing(captured);
  });

  it('of the time when nobody but the kernel heard it', async () => {
    await stage.kill();
    const datagram = stage.sealBound(HOME.client, HOME.source);
    expect(await stage.opens(HOME.source, datagram)).toBe(true);
    await stage.shut();
    const captured = [{ what: 'bound, without a daemon', source: HOME.source, datagram }];
    await expectNothing(captured);
    await stage.gate.start();
    await expectNothing(captured);
    await stage.kill();
    await stage.flushRuleset();
    await stage.gate.start();
    await expectNothing(captured);
    expect(await takesFreshKnocks(stage)).toBe(true);
  });

  it('that the kernel took from the first to send it, with no daemon', async () => {
    await stage.end();
    stage = await homeStage('first', { ...REACH, without_daemon: 'first' });
    await stage.untilTrusted();
    await stage.kill();
    await sleep((HEARING_SECONDS + 1) * 1000);
    const source = HOMES[1]?.source ?? '';
    const datagram = stage.seal(0);
    expect(await stage.opens(source, datagram)).toBe(true);
    await stage.shut();
    const captured = [{ what: 'first', source, datagram }];
    await expectNothing(captured);
    await stage.gate.start();
    await expectNothing(captured);
  });
});

describe('a ruleset that was saved before the knocks', () => {
  it('opens nothing when it is loaded while the daemon runs', async () => {
    const saved = await stage.listing();
    const captured = await capture(stage);
    const since = stage.gate.events.length;
    await stage.load(saved);
    await stage.gate.audit(({ event }) => event === 'firewall-restored', LOOKS_WITHIN_MS, since);
    await expectNothing(captured);
    expect(await takesFreshKnocks(stage)).toBe(true);
  });

  it('with knocks in flight loads again, and opens nothing', async () => {
    const saved: string[] = [];
    const captured: Captured[] = [];
    let isSaving = true;
    const knocking = (async () => {
      for (let n = 0; n < BOUND_SLOTS && isSaving; n += 1) {
        const datagram = stage.sealBound(HOME.client, HOME.source);
        captured.push({ what: `knock ${n}`, source: HOME.source, datagram });
        await stage.send(HOME.source, datagram);
        await stage.send(ELSEWHERE, stage.seal(1));
      }
    })();
    for (let n = 0; n < 5; n += 1) saved.push(await stage.listing());
    isSaving = false;
    await knocking;
    await stage.kill();
    for (const ruleset of saved) await stage.load(ruleset);
    await stage.gate.start();
    await stage.shut();
    await expectNothing(captured);
    expect(await takesFreshKnocks(stage)).toBe(true);
  });

  /**
   * A real hour cannot be had: the kernel's clock is the machine's. The end that the ruleset names is put as far back instead, which is
   * what an hour does to it; the timeouts of its elements start anew at loading anyway.
   */
  it('opens nothing an hour later, whether there is a daemon or not', async () => {
    const saved = anHourEarlier(await stage.listing());
    const captured = await capture(stage);
    await stage.kill();
    await stage.load(saved);
    await expectNothing(captured);
    const fresh = stage.sealBound(HOME.client, HOME.source);
    expect(await stage.staysShut(HOME.source, fresh)).toBe(true);
    await stage.gate.start();
    await expectNothing(captured);
    expect(await takesFreshKnocks(stage)).toBe(true);
  });
});
