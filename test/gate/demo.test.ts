import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { ink } from '../rig/ink.ts';
import { AS_NOBODY, cloneOfNobody, makeRoom, startDemo } from './demo-run.ts';

const { room, discard } = makeRoom();
afterAll(discard);

const tooLong = (text: string) => text.split('\n').filter((line) => line.length > 100);

describe('npm run demo', () => {
  it('passes, and leaves nothing behind', async () => {
    const demo = startDemo(room);
    const { code, stdout, stderr, seconds } = await demo.done;
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    figure(`npm run demo: ${seconds.toFixed(1)} s`);
    expect(demo.leftovers()).toEqual([]);
    // No terminal: no colours, and nothing is printed over.
    for (const control of ['\u001b', '\r']) expect(stdout).not.toContain(control);
    expect(stdout).not.toContain('✗');
    expect(stdout.match(/ s {2}✓ /g)?.length).toBeGreaterThan(15);
    expect(tooLong(stdout)).toEqual([]);
  });

  it('refuses arguments that it does not know', async () => {
    const { code, stdout } = await startDemo(room, ['--colour']).done;
    expect(code).toBe(2);
    expect(stdout).toContain('--daemon FILE');
  });
});

describe('colours', () => {
  const terminal = { isTTY: true } as NodeJS.WriteStream;
  it.each([
    ['a terminal', terminal, { TERM: 'xterm' }, true],
    ['a terminal, with NO_COLOR', terminal, { TERM: 'xterm', NO_COLOR: '1' }, false],
    ['a terminal that knows none', terminal, { TERM: 'dumb' }, false],
    ['a file', {} as NodeJS.WriteStream, { TERM: 'xterm' }, false],
  ])('on %s', (_where, out, env, coloured) => {
    expect(ink(out, env).good('✓') !== '✓').toBe(coloured);
  });
});

describe('npm run demo, without root', () => {
  let clone: string;
  beforeAll(() => {
    clone = cloneOfNobody(room);
  });

  it('says what is needed, and runs the part that can run', async () => {
    const demo = startDemo(room, [], { root: clone, wrapper: AS_NOBODY });
    const { code, stdout, stderr } = await demo.done;
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('need root');
    expect(stdout.match(/ s {2}✓ /g)?.length).toBeGreaterThan(7);
    expect(tooLong(stdout)).toEqual([]);
    expect(demo.leftovers()).toEqual([]);
  });
});
