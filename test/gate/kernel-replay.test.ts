import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { capture, homeStage, replay, takesFreshKnocks } from './kernel-opens/captured.ts';
import type { Stage } from './kernel-opens/stage.ts';

/** `kernel-replay.long.test.ts` has the rest. */
describe('a knock that was captured opens nothing when it is sent again', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await homeStage('replay');
  });
  afterEach(async () => {
    await stage?.end();
  });

  it('at once; after the daemon was killed; after it was started again', async () => {
    const captured = await capture(stage);
    expect(await replay(stage, captured)).toEqual([]);
    await stage.kill();
    expect(await replay(stage, captured)).toEqual([]);
    await stage.gate.start();
    expect(await replay(stage, captured)).toEqual([]);
    expect(await takesFreshKnocks(stage)).toBe(true);
  });

  it('after the ruleset was flushed, and the daemon has made its table anew', async () => {
    const captured = await capture(stage);
    const since = stage.gate.events.length;
    await stage.flushRuleset();
    await stage.gate.audit(({ event }) => event === 'firewall-restored', 15_000, since);
    expect(await replay(stage, captured)).toEqual([]);
    expect(await takesFreshKnocks(stage)).toBe(true);
  });
});
