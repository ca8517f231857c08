import { afterEach, describe, expect, it } from 'vitest';
import { capture } from '../rig/capture.ts';
import type { Window } from '../rig/editor/window.ts';
import { figure } from '../rig/figure.ts';
import { sleep } from '../rig/process.ts';
import { KNOCKS } from '../rig/scene.ts';
import { sshEvents } from './open-remote-ssh.ts';
import { bringBack, forgetConnections, takeAway } from './outage.ts';
import { connectAgain, connected, openRemote, resolveAgain } from './remote-window.ts';
import { AUTHORITY, useSshWindows } from './ssh-windows.ts';

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

  /** Opens a window, and waits until nobody else could get in. @returns the window, and the number of events so far */
  const openWindow = async () => {
    const { scene, workbench } = windows();
    const opened = await openRemote(workbench, AUTHORITY, '/srv');
    window = opened;
    expect(await connected(opened)).toMatchObject({ type: 'ok' });
    await opened.eventually('the grant to end', async () => !(await scene.isOpen()), (GRANT + 10) * 1000);
    return { opened, before: sshEvents(workbench.home).length };
  };
  const tapWire = () => capture(windows().scene.pair.client, `${KNOCKS} or tcp dst port 22`);
  const outcomeSince = (before: number) => sshEvents(windows().workbench.home).slice(before).at(-1);

  it.each([
    // Longer than it takes us to notice, and shorter than it takes the editor: we ask the editor to connect.
    [12_000, 'asked'],
    // The editor is connecting already. It waits up to 10 s between its attempts.
    [90_000, 'noticed'],
  ])('for %i ms is logged in again when the server is back', { timeout: 240_000 }, async (awayMs, why) => {
    const { scene } = windows();
    const { opened, before } = await openWindow();
    const tap = await tapWire();
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

  it('for more than a minute is reloaded where its owner wants that, and keeps what was not saved', async () => {
    const { scene, workbench } = windows();
    workbench.change({ 'knockgate.autoKnock.reconnect': 'reload', 'files.autoSave': 'off' });
    const { opened, before } = await openWindow();
    const { page } = opened;
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'notes.txt' }).dblclick();
    await page.locator('.view-lines', { hasText: 'written on the server' }).click();
    await page.keyboard.type('changed in a file. ');
    await opened.runCommand('File: New Untitled Text File');
    await page.locator('.tab.active', { hasText: 'Untitled-1' }).waitFor();
    await page.keyboard.type('written nowhere');
    await opened.eventually('two unsaved texts', async () => (await page.locator('.tab.dirty').count()) === 2);

    const tap = await tapWire();
    let reloadedMs = Number.NaN;
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) reloadedMs = Date.now();
    });
    await takeAway(scene);
    // The editor would wait for 30 s between its attempts by the end: it makes none here.
    await sleep(80_000);
    const backMs = Date.now();
    await bringBack(scene);
    await opened.eventually('a login', async () => outcomeSince(before)?.event === 'logged in', 90_000);
    const { datagrams } = await tap.stop();
    const events = sshEvents(workbench.home).slice(before);
    const resolving = events.find(({ event }) => event === 'resolving');
    const loggedIn = outcomeSince(before);
    const sinceBack = (at: number | undefined) => `${((at ?? Number.NaN) - backMs).toFixed(0)} ms`;
    // How long the editor takes to load depends on the computer: a second or two, or half a minute on a busy one.
    figure(
      `away for 80 s: reload after ${sinceBack(reloadedMs)}, first attempt after ${sinceBack(resolving?.at)}, logged in after ${sinceBack(loggedIn?.at)}`,
    );
    expect(loggedIn).toMatchObject({ attempt: 1, said: 'inside' });
    expect(datagrams[0]?.at).toBeGreaterThan(backMs);
    expect(datagrams[0]?.at).toBeLessThan(reloadedMs);
    expect(reloadedMs).toBeLessThan(resolving?.at ?? Number.NaN);

    const shows = async (tab: string, text: string) => {
      await page.locator('.tab.dirty', { hasText: tab }).click();
      await page.locator('.view-lines', { hasText: text }).waitFor();
    };
    await shows('notes.txt', 'changed in a file.');
    await shows('Untitled-1', 'written nowhere');
  });

  it('by a router that forgets it is logged in before the editor would notice', async () => {
    const { opened, before } = await openWindow();
    const tap = await tapWire();
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
    const tap = await tapWire();
    await bringBack(scene);
    expect(await resolveAgain(opened, 2)).toMatchObject({ type: 'error', error: { code: 'TemporarilyNotAvailable' } });
    const { datagrams, syns } = await tap.stop();
    expect(syns.length).toBeGreaterThan(0);
    expect(datagrams).toEqual([]);
  });
});
