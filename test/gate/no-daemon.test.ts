import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { crowdedStage, homesOf, knockFromHomes } from './kernel-opens/crowd.ts';
import type { Stage } from './kernel-opens/stage.ts';

const HOMES = homesOf(1);
const ALL = { lost: [], strangers: 0 };

/** `no-daemon.long.test.ts` has 15 minutes of it. */
describe('20 clients that knock from addresses that the gate knows all get in, and a stranger does not', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await crowdedStage('nodaemon', HOMES);
  });
  afterEach(async () => {
    await stage.shut();
  });
  afterAll(async () => {
    await stage?.end();
  });

  it('while the daemon is stopped', async () => {
    stage.signal('SIGSTOP');
    const result = await knockFromHomes(stage, HOMES);
    stage.signal('SIGCONT');
    expect(result).toMatchObject(ALL);
  });

  it('while it is replaced, as an upgrade does it', async () => {
    const [result] = await Promise.all([knockFromHomes(stage, HOMES), stage.gate.restart()]);
    expect(result).toMatchObject(ALL);
  });

  it('once it was killed; and a wrong tag opens nothing', async () => {
    await stage.kill();
    expect(await stage.staysShut(HOMES[0]?.source ?? '', randomBytes(200))).toBe(true);
    expect(await knockFromHomes(stage, HOMES)).toMatchObject(ALL);
  });
});
