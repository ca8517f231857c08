import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../src/os/file-lock.ts';
import { FakeClock, temporaryFolder } from '../client/support.ts';

let folder: string;
let path: string;
let clock: FakeClock;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'lock');
  clock = new FakeClock();
});

const sleep = (ms: number) => clock.sleep(ms);

describe('the lock', () => {
  it('is there during the action and gone after it, also when it fails', async () => {
    expect(await withLock(path, 'a', sleep, () => existsSync(path))).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
    const fails = withLock(path, 'a', sleep, () => {
      throw new Error('no');
    });
    await expect(fails).rejects.toThrow('no');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is waited for while others come and go', async () => {
    writeFileSync(path, 'holder 0');
    let holder = 0;
    const changing = (ms: number) => {
      writeFileSync(path, `holder ${++holder}`);
      return clock.sleep(ms);
    };
    await clock.run(withLock(path, 'a', changing, () => {}));
    // Nobody is taken for dead who is not: the bound ends the wait.
    expect(clock.monotonicMs()).toBe(1500);
  });

  it('of a dead process is taken over', async () => {
    writeFileSync(path, 'dead');
    expect(await clock.run(withLock(path, 'a', sleep, () => existsSync(path)))).toBe(true);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(300);
    expect(clock.monotonicMs()).toBeLessThan(400);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that cannot be written is an error', async () => {
    await expect(withLock(join(folder, 'no', 'lock'), 'a', sleep, () => {})).rejects.toThrow('ENOENT');
  });
});
