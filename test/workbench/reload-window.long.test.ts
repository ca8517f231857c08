import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Window } from '../rig/editor/window.ts';
import { figure } from '../rig/figure.ts';
import { sleep } from '../rig/process.ts';
import { lastSshEvent, openBehindShutPort, tapWire } from './lost-window.ts';
import { sshEvents } from './open-remote-ssh.ts';
import { bringBack, takeAway } from './outage.ts';
import { useSshWindows } from './ssh-windows.ts';

/** Seconds: over before the connection is lost. */
const GRANT = 8;

/*
 * A window is reloaded after an outage. Nobody clicks, and there is no hook. The tests play an editor that makes no attempt to
 * connect again, as one does that waits for 30 s or has given up.
 */
describe('a window that the editor does not connect again', () => {
  const windows = useSshWindows('reload', GRANT);
  let window: Window | undefined;

  beforeEach(() => windows().workbench.change({ 'files.autoSave': 'off' }));
  afterEach(async () => {
    await bringBack(windows().scene);
    await window?.close();
  });

  /** Types text that nobody saves, into a file and into an untitled editor. */
  const typeUnsaved = async (opened: Window) => {
    const { page } = opened;
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'notes.txt' }).dblclick();
    await page.locator('.view-lines', { hasText: 'written on the server' }).click();
    await page.keyboard.type('changed in a file. ');
    await opened.runCommand('File: New Untitled Text File');
    await page.locator('.tab.active', { hasText: 'Untitled-1' }).waitFor();
    await page.keyboard.type('written nowhere');
    await opened.eventually('two unsaved texts', async () => (await page.locator('.tab.dirty').count()) === 2);
  };

  /** Looks for both texts, still unsaved. */
  const findUnsaved = async ({ page }: Window) => {
    for (const [tab, text] of [
      ['notes.txt', 'changed in a file.'],
      ['Untitled-1', 'written nowhere'],
    ] as const) {
      await page.locator('.tab.dirty', { hasText: tab }).click();
      await page.locator('.view-lines', { hasText: text }).waitFor();
    }
  };

  it.each([
    ['at once after a long outage, where its owner wants that', 'reload', 90_000],
    ['at once after a longer outage, where its owner wants that', 'reload', 180_000],
    ['at once after a very long outage, where its owner wants that', 'reload', 400_000],
    ['when the editor has given up', 'reloadWhenGivenUp', 20_000],
  ])('is reloaded %s, and keeps unsaved text', { timeout: 900_000 }, async (_, reconnect, awayMs) => {
    windows().workbench.change({ 'knockgate.autoKnock.reconnect': reconnect });
    // Each in a folder of its own: the editor keeps unsaved text by folder, beyond the end of a test.
    const opened = await openBehindShutPort(windows(), GRANT, `/srv/away-${awayMs}`);
    window = opened.window;
    const { page } = window;
    await typeUnsaved(window);

    const tap = await tapWire(windows());
    let reloadedMs = Number.NaN;
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) reloadedMs = Date.now();
    });
    await takeAway(windows().scene);
    await sleep(awayMs);
    const backMs = Date.now();
    await bringBack(windows().scene);
    const outcome = () => lastSshEvent(windows(), opened.before);
    await window.eventually('a login', async () => outcome()?.event === 'logged in', 200_000);
    const { datagrams } = await tap.stop();
    const events = sshEvents(windows().workbench.home).slice(opened.before);
    const resolving = events.find(({ event }) => event === 'resolving');
    const sinceBack = (at: number | undefined) => `${((at ?? Number.NaN) - backMs).toFixed(0)} ms`;
    // How long the editor takes to load depends on the computer: a second or two, or half a minute on a busy one.
    figure(
      `${reconnect}, away for ${awayMs / 1000} s: reload after ${sinceBack(reloadedMs)}, first attempt after ${sinceBack(resolving?.at)}, logged in after ${sinceBack(outcome()?.at)}`,
    );
    expect(outcome()).toMatchObject({ attempt: 1, said: 'inside' });
    expect(datagrams[0]?.at).toBeGreaterThan(backMs);
    expect(datagrams[0]?.at).toBeLessThan(reloadedMs);
    expect(reloadedMs).toBeLessThan(resolving?.at ?? Number.NaN);
    if (reconnect === 'reloadWhenGivenUp') expect(reloadedMs - backMs).toBeGreaterThan(75_000);
    await findUnsaved(window);
  });
});
