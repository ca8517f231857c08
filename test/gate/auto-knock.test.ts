import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch } from '../rig/cleanup.ts';
import { bundleForFakeEditor } from '../rig/fake-editor.ts';
import { figure } from '../rig/figure.ts';
import { exec, TARGET4 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { end, sleep } from '../rig/process.ts';
import { HOST, keyFile, Scene } from '../rig/scene.ts';

/** Seconds. */
const GRANT = 2;

/* The clock and the network of the window are as the test says; its knocks, the gate, the kernel's grants are real. */
describe('a remote window that stays open', () => {
  const { dir, discard } = scratch('auto-knock');
  let scene: Scene;
  let window: ChildProcess;
  let replies: AsyncIterator<string>;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'auto-knock' });
    const program = await bundleForFakeEditor(resolve('test/gate/auto-knock/window-program.ts'), dir);
    window = exec(scene.pair.client, [process.execPath, program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        WINDOW_STORAGE: join(dir, 'storage'),
        WINDOW_KEY: readFileSync(keyFile(scene.client), 'latin1').trim(),
        WINDOW_HOSTS: JSON.stringify({ [HOST]: { gate: scene.line, address: TARGET4, duration: GRANT } }),
        WINDOW_AUTHORITY: `ssh-remote+${HOST}`,
      },
    });
    if (window.stdout === null) throw new Error('the window has no output');
    replies = createInterface({ input: window.stdout })[Symbol.asyncIterator]();
  });
  afterAll(async () => {
    if (window !== undefined) await end(window, 'SIGKILL');
    await scene?.end();
    discard();
  });

  async function tell(word: 'knock' | 'look' | 'sleep' | 'move'): Promise<unknown> {
    window.stdin?.write(`${word}\n`);
    const { value } = await replies.next();
    return JSON.parse(value);
  }

  const grants = (since: number) => scene.gate.events.slice(since).filter(({ event }) => event === 'granted').length;

  /** Waits until the kernel has let the grant go by itself. */
  async function grantToEnd(): Promise<void> {
    for (let waits = 0; (await setElements(scene.pair.target, 'granted4')).length > 0; waits++) {
      if (waits > 200) throw new Error('a grant without an end');
      await sleep(50);
    }
  }

  it('knocks again when the computer wakes in another time, or in another network, and is let in', async () => {
    expect(await scene.isOpen()).toBe(false);
    expect(await tell('knock')).toEqual({ noticed: [], door: 'open' });
    expect(await scene.isOpen()).toBe(true);
    for (const [word, occasion] of [
      ['sleep', 'wake'],
      ['move', 'network'],
    ] as const) {
      await grantToEnd();
      expect(await scene.isOpen()).toBe(false);
      const since = scene.gate.events.length;
      // Nothing has happened to the computer: no knock, though the grant is over.
      expect(await tell('look')).toEqual({ noticed: [], door: 'closed' });
      expect(grants(since)).toBe(0);
      const startedMs = performance.now();
      expect(await tell(word)).toEqual({ noticed: [occasion], door: 'open' });
      figure(`${occasion}: open again after ${Math.round(performance.now() - startedMs)} ms`);
      expect(await scene.isOpen()).toBe(true);
      await scene.gate.audit(({ event }) => event === 'granted', 5000, since);
    }
  });

  it('does not give up on a gate that is silent for a while', async () => {
    await grantToEnd();
    await scene.gate.stop();
    expect(await tell('sleep')).toEqual({ noticed: ['wake'], door: 'failed' });
    await scene.gate.start();
    expect(await tell('sleep')).toEqual({ noticed: ['wake'], door: 'open' });
    expect(await scene.isOpen()).toBe(true);
  });
});
