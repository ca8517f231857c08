import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KNOCK_PORT, type Scene } from '../gate/scene.ts';
import { capture } from '../rig/capture.ts';
import { sleep } from '../rig/process.ts';
import { figure } from './figure.ts';
import { sshEvents } from './open-remote-ssh.ts';
import { bringBack, takeAway } from './outage.ts';
import { connectAgain, connected, openRemote } from './remote-window.ts';
import { AUTHORITY, type SshWindows, sshWindows } from './ssh-windows.ts';
import type { Workbench } from './workbench.ts';

/** Seconds: over before the connection is lost. */
const GRANT = 8;
/** Longer than it takes to notice. */
const AWAY_MS = 12_000;

/* A window stays open; its server goes away and comes back. Nobody clicks, and no hook is there. */
describe('a window whose connection is lost', () => {
  let windows: SshWindows;
  let scene: Scene;
  let workbench: Workbench;

  beforeAll(async () => {
    windows = await sshWindows('lost', GRANT);
    ({ scene, workbench } = windows);
  });
  afterAll(() => windows?.end());

  it('is logged in again within 10 s of the server being reachable', async () => {
    const window = await openRemote(workbench, AUTHORITY, '/srv');
    expect(await connected(window)).toMatchObject({ type: 'ok' });
    await window.eventually('the grant to end', async () => !(await scene.isOpen()), (GRANT + 10) * 1000);
    const before = sshEvents(workbench.home).length;

    await takeAway(scene);
    const again = connectAgain(window);
    await sleep(AWAY_MS);
    const tap = await capture(scene.pair.client, `udp dst port ${KNOCK_PORT} or tcp dst port 22`);
    const backMs = Date.now();
    await bringBack(scene);
    await again;
    const { datagrams, syns } = await tap.stop();

    const loggedIn = sshEvents(workbench.home)
      .slice(before)
      .find(({ event }) => event === 'logged in');
    const tookMs = (loggedIn?.at ?? Number.NaN) - backMs;
    const [knock] = datagrams;
    figure(
      `back after ${AWAY_MS / 1000} s: knock ${((knock?.at ?? Number.NaN) - backMs).toFixed(0)} ms later, logged in ${tookMs.toFixed(0)} ms later (attempt ${loggedIn?.attempt})`,
    );
    expect(loggedIn).toMatchObject({ said: 'inside' });
    expect(tookMs).toBeLessThan(10_000);
    expect(knock?.at).toBeLessThan(syns.at(-1)?.at ?? Number.NaN);
    await window.eventually('the end of knocking', async () =>
      /connection of this window answers again/.test(workbench.output('Knockgate')),
    );
  });
});
