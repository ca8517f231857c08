import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { systemProcesses, type Turn, Turns } from '../../../../src/vscode/knock/knock-turns.ts';
import { FakeClock, temporaryFolder, WALL_MS } from '../../client/support.ts';
import { FOREVER } from '../support.ts';

function windows() {
  const folder = join(temporaryFolder(), 'turns');
  const clock = new FakeClock();
  const one = () => new Turns(folder, clock, nodeCrypto.randomBytes);
  return { folder, clock, first: one(), second: one() };
}

/** Ends a turn that must be one to knock. */
async function end(turn: Turn, openUntilMs: number | undefined) {
  if (turn.kind !== 'knock') throw new Error('no turn');
  await turn.done({ openUntilMs });
}

describe('the turn to knock', () => {
  it('is one window’s at a time; the other finds the door open', async () => {
    const { clock, first, second } = windows();
    const turn = await clock.run(first.take('prod', 0, FOREVER));
    let found: Turn | undefined;
    const other = second.take('prod', 0, FOREVER).then((its) => {
      found = its;
    });
    await clock.run(clock.sleep(500));
    expect(found).toBeUndefined();
    await clock.run(end(turn, WALL_MS + 30_000));
    await clock.run(other);
    expect(found).toEqual({ kind: 'open', untilMs: WALL_MS + 30_000 });
  });

  it('is that of the window that is ready first; one that is not yet sees the door open meanwhile', async () => {
    const { clock, first, second } = windows();
    const key = clock.sleep(700);
    const slow = first.take('prod', 0, FOREVER, key);
    await clock.run(clock.sleep(100));
    const turn = await clock.run(second.take('prod', 0, FOREVER, Promise.reject(new Error('ready to fail'))));
    await clock.run(end(turn, WALL_MS + 30_000));
    expect(await clock.run(slow)).toEqual({ kind: 'open', untilMs: WALL_MS + 30_000 });
    expect(clock.monotonicMs()).toBeLessThan(200);
  });

  it('is not waited for with a key that never comes', async () => {
    const { clock, first } = windows();
    let isOver = false;
    const never = new Promise(() => {});
    first.take('prod', 0, FOREVER, never).finally(() => {
      isOver = true;
    });
    await clock.run(clock.sleep(60_000));
    expect(isOver).toBe(false);
  });

  it('tells who looks in what is open', async () => {
    const { clock, first, second } = windows();
    expect(second.openUntil('prod')).toBeUndefined();
    await clock.run(end(await clock.run(first.take('prod', 0, FOREVER)), WALL_MS + 2000));
    expect(second.openUntil('prod')).toBe(WALL_MS + 2000);
    await clock.run(clock.sleep(2000));
    expect(second.openUntil('prod')).toBeUndefined();
  });

  it('is the other’s when the first one failed', async () => {
    const { clock, first, second } = windows();
    await clock.run(end(await clock.run(first.take('prod', 0, FOREVER)), undefined));
    expect((await clock.run(second.take('prod', 0, FOREVER))).kind).toBe('knock');
  });

  it('is had again when a door was opened before the time asked about, or has closed', async () => {
    const { clock, first, second } = windows();
    await clock.run(end(await clock.run(first.take('prod', 0, FOREVER)), WALL_MS + 2000));
    await clock.run(clock.sleep(1000));
    expect((await clock.run(second.take('prod', clock.wallMs() - 500, FOREVER))).kind).toBe('knock');
    await clock.run(clock.sleep(5000));
    expect((await clock.run(second.take('prod', 0, FOREVER))).kind).toBe('knock');
  });

  it('is had at once when the window that knocks is gone', async () => {
    const { folder, clock, second } = windows();
    const dead = { own: 4_194_305, isAlive: () => true };
    await clock.run(new Turns(folder, clock, nodeCrypto.randomBytes, dead).take('prod', 0, FOREVER));
    expect((await clock.run(second.take('prod', 0, FOREVER))).kind).toBe('knock');
    expect(clock.monotonicMs()).toBe(0);
    expect([systemProcesses.isAlive(process.pid), systemProcesses.isAlive(process.ppid)]).toEqual([true, true]);
  });

  it('is taken from a window that hangs', async () => {
    const { clock, first, second } = windows();
    await clock.run(first.take('prod', 0, FOREVER));
    const before = clock.monotonicMs();
    expect((await clock.run(second.take('prod', 0, FOREVER))).kind).toBe('knock');
    expect(clock.monotonicMs() - before).toBeLessThan(3200);
  });

  it('is each host’s own, whatever the host is called', async () => {
    const { folder, clock, first, second } = windows();
    for (const name of ['prod', 'Prod', 'a.b@c'])
      expect((await clock.run(first.take(name, 0, FOREVER))).kind).toBe('knock');
    expect((await clock.run(second.take('other', 0, FOREVER))).kind).toBe('knock');
    for (const file of readdirSync(folder)) expect(file).toMatch(/^[0-9a-f]+$/);
  });

  it('is everybody’s where nothing can be written, or where somebody wants no more', async () => {
    const { folder, clock, first, second } = windows();
    await clock.run(first.take('prod', 0, FOREVER));
    const stop = new AbortController();
    stop.abort();
    expect((await clock.run(second.take('prod', 0, stop.signal))).kind).toBe('knock');
    const blocked = new Turns(join(folder, '70726f64', 'x'), clock, nodeCrypto.randomBytes);
    expect((await clock.run(blocked.take('prod', 0, FOREVER))).kind).toBe('knock');
  });

  it('is not kept from anybody by a note that is broken or from the future', async () => {
    const { folder, clock, first } = windows();
    mkdirSync(folder);
    for (const text of ['', '{', 'null', '[]', '{"atMs":"x"}', `{"atMs":${WALL_MS + 60_000}}`]) {
      writeFileSync(join(folder, Buffer.from('prod').toString('hex')), text);
      const before = clock.monotonicMs();
      expect((await clock.run(first.take('prod', 0, FOREVER))).kind).toBe('knock');
      expect(clock.monotonicMs()).toBe(before);
    }
  });
});
