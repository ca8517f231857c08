import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KNOCK_PORT, type Scene } from '../gate/scene.ts';
import { type Capture, capture } from '../rig/capture.ts';
import { sleep } from '../rig/process.ts';
import { figure } from './figure.ts';
import { sshEvents } from './open-remote-ssh.ts';
import { bringBack, forgetConnections, takeAway } from './outage.ts';
import { connectAgain, connected, openRemote, resolveAgain } from './remote-window.ts';
import { AUTHORITY, type SshWindows, sshWindows } from './ssh-windows.ts';
import type { Window } from './window.ts';
import type { Workbench } from './workbench.ts';

/** Seconds. */
const GRANT = 10;
/** After so long without a word the editor itself takes its connection for lost. */
const EDITOR_NOTICES_AFTER_MS = 20_000;

/* What a restart of the server does is in lost-connection.test.ts. */
describe('a window whose connection is lost', () => {
  let windows: SshWindows;
  let scene: Scene;
  let workbench: Workbench;
  let window: Window;
  let before = 0;

  beforeAll(async () => {
    windows = await sshWindows('lost-long', GRANT);
    ({ scene, workbench } = windows);
  });
  afterAll(() => windows?.end());
  afterEach(async () => {
    await bringBack(scene);
    await window?.close();
  });

  /** Opens a window, and waits until nobody else could get in. */
  const openWindow = async () => {
    window = await openRemote(workbench, AUTHORITY, '/srv');
    expect(await connected(window)).toMatchObject({ type: 'ok' });
    await window.eventually('the grant to end', async () => !(await scene.isOpen()), (GRANT + 10) * 1000);
    before = sshEvents(workbench.home).length;
  };
  const tapWire = () => capture(scene.pair.client, `udp dst port ${KNOCK_PORT} or tcp dst port 22`);
  const outcome = () => sshEvents(workbench.home).slice(before).at(-1);

  it('by a router that forgets it has knocked before the editor connects again', async () => {
    await openWindow();
    const tap = await tapWire();
    await forgetConnections(scene);
    await sleep(EDITOR_NOTICES_AFTER_MS);
    const sinceMs = Date.now();
    await connectAgain(window);
    const { datagrams } = await tap.stop();
    figure(
      `a forgotten connection: ${datagrams.length} knocks, logged in ${Date.now() - sinceMs} ms after the editor noticed`,
    );
    expect(datagrams[0]?.at).toBeLessThan(sinceMs);
    expect(outcome()).toMatchObject({ event: 'logged in', attempt: 2, said: 'inside' });
  });

  it('for a minute and a half is logged in again when the server is back', { timeout: 240_000 }, async () => {
    await openWindow();
    await takeAway(scene);
    const again = connectAgain(window);
    await sleep(90_000);
    const tap = await tapWire();
    const backMs = Date.now();
    await bringBack(scene);
    await again;
    const { datagrams } = await tap.stop();
    const knockedMs = (datagrams[0]?.at ?? Number.NaN) - backMs;
    figure(
      `away for 90 s: knocked ${knockedMs.toFixed(0)} ms after it was back, logged in after ${Date.now() - backMs} ms`,
    );
    expect(outcome()).toMatchObject({ event: 'logged in', said: 'inside' });
  });

  it('stays lost when knocking for it is turned off: nothing else opens the port', async () => {
    workbench.change({ 'knockgate.autoKnock.onLostConnection': false });
    await openWindow();
    await takeAway(scene);
    await sleep(15_000);
    const tap: Capture = await tapWire();
    await bringBack(scene);
    expect(await resolveAgain(window, 2)).toMatchObject({ type: 'error', error: { code: 'TemporarilyNotAvailable' } });
    const { datagrams, syns } = await tap.stop();
    expect(syns.length).toBeGreaterThan(0);
    expect(datagrams).toEqual([]);
  });
});
