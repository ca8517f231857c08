import { afterEach, describe, expect, it } from 'vitest';
import type { Window } from '../rig/editor/window.ts';
import { figure } from '../rig/figure.ts';
import { sleep } from '../rig/process.ts';
import { lastSshEvent, openBehindShutPort, tapWire } from './lost-window.ts';
import { sshEvents } from './open-remote-ssh.ts';
import { bringBack, forgetConnections, takeAway } from './outage.ts';
import { connectAgain, resolveAgain } from './remote-window.ts';
import { useSshWindows } from './ssh-windows.ts';

/** Seconds: over before the connection is lost. */
const GRANT = 8;

/* A window stays open while its server goes away and comes back. Nobody clicks, and there is no hook. */
describe('a window whose connection is lost', () => {
  const windows = useSshWindows('lost', GRANT);
  let window: Window | undefined;

  afterEach(async () => {
    await bringBack(windows().scene);
    await window?.close();
  });

  const openWindow = async () => {
    const opened = await openBehindShutPort(windows(), GRANT);
    window = opened.window;
    return { opened: opened.window, before: opened.before };
  };
  const outcomeSince = (before: number) => lastSshEvent(windows(), before);

  it.each([
    // Longer than it takes us to notice, and shorter than it takes the editor: we ask the editor to connect.
    [12_000, 'asked'],
    // The editor is connecting already. It waits up to 10 s between its attempts.
    [90_000, 'noticed'],
  ])('for %i ms is logged in again when the server is back', { timeout: 240_000 }, async (awayMs, why) => {
    const { scene, workbench } = windows();
    // The window is not reloaded instead: `reload-window.long.test.ts` does that.
    workbench.change({ 'knockgate.autoKnock.reconnect': 'reloadWhenGivenUp' });
    const { opened, before } = await openWindow();
    const tap = await tapWire(windows());
    await takeAway(scene);
    const again = connectAgain(opened);
    await sleep(awayMs);
    const backMs = Date.now();
    await bringBack(scene);
    const begun = await again;
    const { datagrams } = await tap.stop();

    const loggedIn = outcomeSince(before);
    const sinceBack = (at: number | undefined) => `${((at ?? Number.NaN) - backMs).toFixed(0)} ms`;
    const knock = datagrams.findLast(({ at }) => at < (loggedIn?.at ?? Number.NaN));
    figure(
      `away for ${awayMs / 1000} s: knock ${sinceBack(knock?.at)} after it was back, logged in after ${sinceBack(loggedIn?.at)} (attempt ${loggedIn?.attempt}, ${begun})`,
    );
    expect(loggedIn).toMatchObject({ event: 'logged in', said: 'inside' });
    expect(begun).toBe(why);
    // Nothing passes the cable before: what the gate hears, it hears afterwards.
    expect(datagrams[0]?.at).toBeGreaterThan(backMs);
    expect(knock?.at).toBeLessThan(loggedIn?.at ?? Number.NaN);
    // No attempt is in vain once the server is back. How long the editor waits before it begins one is up to the editor.
    const events = sshEvents(windows().workbench.home).slice(before);
    const begunSince = events.filter(({ event, at }) => event === 'resolving' && at > backMs);
    expect(begunSince.length).toBeLessThanOrEqual(1);
    if (why === 'asked') expect((loggedIn?.at ?? Number.NaN) - backMs).toBeLessThan(10_000);
    await opened.eventually('the end of knocking', async () =>
      /connection of this window answers again/.test(windows().workbench.output('Knockgate')),
    );
  });

  it('by a router that forgets it is logged in before the editor would notice', async () => {
    const { opened, before } = await openWindow();
    const tap = await tapWire(windows());
    const sinceMs = Date.now();
    await forgetConnections(windows().scene);
    expect(await connectAgain(opened)).toBe('asked');
    const { datagrams, syns } = await tap.stop();
    const loggedIn = outcomeSince(before);
    figure(`a forgotten connection: logged in after ${((loggedIn?.at ?? Number.NaN) - sinceMs).toFixed(0)} ms`);
    expect(loggedIn).toMatchObject({ event: 'logged in', attempt: 2, said: 'inside' });
    expect(datagrams[0]?.at).toBeLessThan(syns[0]?.at ?? Number.NaN);
  });

  it('stays lost when knocking for it is turned off: nothing else opens the port', async () => {
    const { scene, workbench } = windows();
    workbench.change({ 'knockgate.autoKnock.onLostConnection': false });
    const { opened } = await openWindow();
    await takeAway(scene);
    await sleep(15_000);
    const tap = await tapWire(windows());
    await bringBack(scene);
    expect(await resolveAgain(opened, 2)).toMatchObject({ type: 'error', error: { code: 'TemporarilyNotAvailable' } });
    const { datagrams, syns } = await tap.stop();
    expect(syns.length).toBeGreaterThan(0);
    expect(datagrams).toEqual([]);
  });
});
