import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../rig/process.ts';
import { AS_NOBODY, cloneOfNobody, heard, makeRoom, ROOT, startDemo } from './demo-run.ts';
import { buildSpoilt, GRANTS_EVERYTHING, GRANTS_NOTHING, NEVER_SHUTS } from './saboteurs/sabotage.ts';

const { room, discard } = makeRoom();
afterAll(discard);

describe('npm run demo', () => {
  it.each([
    [GRANTS_EVERYTHING, '$ nmap -sS'],
    [GRANTS_NOTHING, '$ knockgate knock target'],
    [NEVER_SHUTS, 'waiting for the grant to end'],
  ])('fails with a daemon that $what', async (sabotage, step) => {
    const daemon = join(room, `${sabotage.what.replaceAll(' ', '-')}.cjs`);
    await buildSpoilt(ROOT, sabotage, daemon);
    const demo = startDemo(room, ['--daemon', daemon]);
    const { code, stdout } = await demo.done;
    expect(code, stdout).toBe(1);
    expect(stdout.match(/✗ .*/g)).toEqual([expect.stringContaining(step)]);
    expect(demo.leftovers()).toEqual([]);
  });

  it.each([
    ['Ctrl-C', 'Two hosts on this machine'],
    ['Ctrl-C', '✓ $ knockgated list'],
    ['kill -INT', '✓ sshd on the target'],
    ['kill -TERM', '✓ knockgated, the gate'],
  ])('leaves nothing behind after %s at "%s"', async (how, moment) => {
    const demo = startDemo(room);
    await heard(demo, moment);
    // Somewhere within the step that follows.
    await sleep(Math.random() * 100);
    expect(await demo.interrupt(how)).toBe(how === 'kill -TERM' ? 143 : 130);
    expect(demo.leftovers()).toEqual([]);
  });
});

describe('npm run demo, without root', () => {
  let clone: string;
  beforeAll(() => {
    clone = cloneOfNobody(room);
  });

  it('fails with a daemon that grants nothing', async () => {
    const daemon = join(room, 'refuses.cjs');
    await buildSpoilt(ROOT, GRANTS_NOTHING, daemon);
    const demo = startDemo(room, ['--daemon', daemon], { root: clone, wrapper: AS_NOBODY });
    const { code, stdout } = await demo.done;
    expect(code, stdout).toBe(1);
    expect(demo.leftovers()).toEqual([]);
  });

  it('leaves nothing behind after Ctrl-C', async () => {
    const demo = startDemo(room, [], { root: clone, wrapper: AS_NOBODY });
    await heard(demo, '✓ $ knockgate knock target');
    expect(await demo.interrupt('Ctrl-C')).toBe(130);
    expect(demo.leftovers()).toEqual([]);
  });
});
