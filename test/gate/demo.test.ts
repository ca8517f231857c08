import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ink } from '../demo/ink.ts';
import { MARK, namespacesOf, processesOf } from '../demo/leftovers.ts';
import { ended, type Finished, finish, sleep } from '../rig/process.ts';
import { buildSpoilt, GRANTS_EVERYTHING, GRANTS_NOTHING, NEVER_SHUTS } from './saboteurs/sabotage.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NOBODY = 65534;

/** A demo that runs, in a folder for temporary files of its own. */
interface Demo {
  child: ChildProcess;
  said(): string;
  done: Promise<Finished & { seconds: number }>;
  /** Ends it early: Ctrl-C reaches all programs of the terminal's foreground, kill only the one that is named. */
  interrupt(how: string): Promise<number | null>;
  /** What it has left behind after its end, in words; empty when nothing. */
  leftovers(): string[];
}

let room: string;
beforeAll(() => {
  room = mkdtempSync(join(tmpdir(), 'demo-test-'));
  chmodSync(room, 0o755);
});
afterAll(() => rmSync(room, { recursive: true, force: true }));

function startDemo(args: readonly string[] = [], { root = ROOT, wrapper = [] as string[] } = {}): Demo {
  const temporary = mkdtempSync(join(room, 'tmp-'));
  chmodSync(temporary, 0o777);
  const mark = randomUUID();
  const [program = '', ...rest] = [...wrapper, process.execPath, join(root, 'scripts/demo.mjs'), ...args];
  const start = performance.now();
  const env = { ...process.env, TMPDIR: temporary, [MARK]: mark };
  const child = spawn(program, rest, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const pid = child.pid ?? 0;
  let said = '';
  const namespaces = new Map<string, number>();
  child.stdout?.on('data', (text) => {
    said += text;
    for (const [name, inode] of namespacesOf(pid)) namespaces.set(name, inode);
  });
  const done = finish(child, { timeout: 55_000 }).then((finished) => {
    return { ...finished, seconds: (performance.now() - start) / 1000 };
  });
  return {
    child,
    said: () => said,
    done,
    interrupt: async (how) => {
      process.kill(how === 'Ctrl-C' ? -pid : pid, how === 'kill -TERM' ? 'SIGTERM' : 'SIGINT');
      const code = await ended(child);
      // What was killed needs a moment to be gone.
      await sleep(200);
      return code;
    },
    leftovers: () => [
      ...namespacesOf(pid).keys(),
      ...readdirSync(temporary),
      ...processesOf(mark, namespaces.values()),
    ],
  };
}

/** Waits until the demo has printed something. */
async function heard(demo: Demo, text: string): Promise<void> {
  while (!demo.said().includes(text)) {
    if (demo.child.exitCode !== null) throw new Error(`the demo ended before it said "${text}": ${demo.said()}`);
    await sleep(20);
  }
}

const tooLong = (text: string) => text.split('\n').filter((line) => line.length > 100);

describe('npm run demo', () => {
  it('passes, in less than 40 s, and leaves nothing behind', async () => {
    const demo = startDemo();
    const { code, stdout, stderr, seconds } = await demo.done;
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(seconds).toBeLessThan(40);
    expect(demo.leftovers()).toEqual([]);
    // No terminal: no colours, and nothing is printed over.
    for (const control of ['\u001b', '\r']) expect(stdout).not.toContain(control);
    expect(stdout).not.toContain('✗');
    expect(stdout.match(/ s {2}✓ /g)?.length).toBeGreaterThan(15);
    expect(tooLong(stdout)).toEqual([]);
  });

  it.each([
    [GRANTS_EVERYTHING, '$ nmap -sS'],
    [GRANTS_NOTHING, '$ knockgate knock target'],
    [NEVER_SHUTS, 'waiting for the grant to end'],
  ])('fails with a daemon that $what', async (sabotage, step) => {
    const daemon = join(room, `${sabotage.what.replaceAll(' ', '-')}.cjs`);
    await buildSpoilt(ROOT, sabotage, daemon);
    const demo = startDemo(['--daemon', daemon]);
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
    const demo = startDemo();
    await heard(demo, moment);
    // Somewhere within the step that follows.
    await sleep(Math.random() * 100);
    expect(await demo.interrupt(how)).toBe(how === 'kill -TERM' ? 143 : 130);
    expect(demo.leftovers()).toEqual([]);
  });

  it('refuses arguments that it does not know', async () => {
    const { code, stdout } = await startDemo(['--colour']).done;
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
  /** A clone that belongs to somebody who is not root. */
  let clone: string;
  beforeAll(() => {
    clone = join(room, 'clone');
    mkdirSync(clone);
    for (const name of [
      'package.json',
      'package-lock.json',
      'scripts',
      'server-helper',
      'src',
      'test',
      'tsconfig.json',
    ])
      cpSync(join(ROOT, name), join(clone, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
    chownSync(clone, NOBODY, NOBODY);
  });

  // Our own clone may be out of others' reach; apart from reading, this is an ordinary user.
  const wrapper = [
    'setpriv',
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    '--clear-groups',
    '--inh-caps=-all,+dac_read_search',
    '--ambient-caps=-all,+dac_read_search',
    '--bounding-set=-all,+dac_read_search',
  ];

  it('says what is needed, and runs the part that can run', async () => {
    const demo = startDemo([], { root: clone, wrapper });
    const { code, stdout, stderr } = await demo.done;
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('need root');
    expect(stdout.match(/ s {2}✓ /g)?.length).toBeGreaterThan(7);
    expect(tooLong(stdout)).toEqual([]);
    expect(demo.leftovers()).toEqual([]);
  });

  it('fails with a daemon that grants nothing', async () => {
    const daemon = join(room, 'refuses.cjs');
    await buildSpoilt(ROOT, GRANTS_NOTHING, daemon);
    const demo = startDemo(['--daemon', daemon], { root: clone, wrapper });
    const { code, stdout } = await demo.done;
    expect(code, stdout).toBe(1);
    expect(demo.leftovers()).toEqual([]);
  });

  it('leaves nothing behind after Ctrl-C', async () => {
    const demo = startDemo([], { root: clone, wrapper });
    await heard(demo, '✓ $ knockgate knock target');
    expect(await demo.interrupt('Ctrl-C')).toBe(130);
    expect(demo.leftovers()).toEqual([]);
  });
});
