import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../rig/client.ts';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { end } from '../rig/process.ts';
import { HOST, Scene } from '../rig/scene.ts';

/** Seconds: what the gate grants when nobody asks for another time. */
const GRANT = 30;
/** Name of the same gate on the command line. */
const BOX = 'box';
const LOCK = 'knockgate.knockgate';
/** The lock follows the time, and a file that is looked at once a second. */
const SOON_MS = 25_000;

/* A window beside a terminal of the same person, with the real command line and a real gate. */
describe('what the command line opens', () => {
  let scene: Scene;
  let workbench: Workbench;
  let window: Window;
  let client: Client;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'elsewhere' });
    workbench = await Workbench.start(scene.pair.client, {
      vsix: [resolve('dist/knockgate.vsix')],
      settings: { 'knockgate.hosts': { [HOST]: { gate: scene.line } } },
    });
    client = new Client(scene.pair.client, { configHome: join(workbench.home.folder, '.config') });
    await scene.reconfigure(await client.keygen('alice-terminal'));
    await client.add(scene.line, '--name', BOX);
    window = await workbench.open();
    await window.statusBarSays(LOCK, /Knock/);
  });

  afterAll(async () => {
    await workbench?.close();
    await scene?.end();
  });

  it('shows in the lock, under the name that the editor has, and is over there as well', async () => {
    expect(await scene.isOpen()).toBe(false);
    const { code, stderr } = await client.run(['knock', BOX]);
    expect([code, stderr]).toEqual([0, '']);
    const { text } = await window.statusBarSays(LOCK, /target: open \d+ s/, SOON_MS);
    const left = Number(/open (\d+) s/.exec(text)?.[1]);
    expect(left).toBeGreaterThan(0);
    // The lock counts in steps of ten seconds.
    expect(left).toBeLessThanOrEqual(Math.ceil(GRANT / 10) * 10);
    await window.statusBarSays(LOCK, /target: closed/, (GRANT + 30) * 1000);
  });

  it('shows there also when it is the ProxyCommand of an ssh', async () => {
    const child = client.start(['connect', BOX, '22']);
    try {
      if (child.stdout === null) throw new Error('it was started without a pipe');
      const [greeting] = await once(child.stdout, 'data');
      expect(String(greeting)).toMatch(/^SSH-2\.0-/);
      await window.statusBarSays(LOCK, /target: open/, SOON_MS);
    } finally {
      await end(child);
    }
  });
});
