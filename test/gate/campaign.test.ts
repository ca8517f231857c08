import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ownerBackAfter } from '../rig/campaign/invariants.ts';
import { Stage } from '../rig/campaign/stage.ts';
import { GATE4, STRANGER4 } from '../rig/campaign/stranger.ts';

describe('the checkers of a campaign find', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.make({});
  });
  afterEach(async () => {
    if (stage.scene.gate.running) await stage.scene.gate.cli(['flush']);
  });
  afterAll(async () => {
    await stage?.end();
  });

  it('nothing where nothing is wrong, and the owner in', async () => {
    expect(await stage.intruders()).toEqual([]);
    expect(await ownerBackAfter(stage)).toBeLessThan(10);
  });

  it('a knock that opens a second time: a fresh one in its place', async () => {
    expect(await stage.intruders(stage.scene.seal({ to: GATE4 }))).toContain('a replayed knock');
  });

  it('a client that was removed, and is there again', async () => {
    await stage.enrolRemoved();
    expect(await stage.intruders()).toEqual(['a knock of a removed client']);
  });

  it('a grant to the wrong address', async () => {
    expect((await stage.scene.gate.cli(['grant', STRANGER4])).code).toBe(0);
    expect(await stage.intruders()).toContain('a SYN');
  });

  it('a knock that is missed, and an open port', async () => {
    await stage.scene.gate.kill9();
    // Nothing hears a knock now, and the kernel knows no tag.
    await stage.on('nft', 'flush', 'map', 'inet', 'knockgate', 'tags');
    expect(await ownerBackAfter(stage, 1)).toBeUndefined();
    await stage.on('nft', 'delete', 'table', 'inet', 'knockgate');
    expect(await stage.intruders()).toContain('a SYN');
  });
});
