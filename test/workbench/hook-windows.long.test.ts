import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../rig/capture.ts';
import type { Window } from '../rig/editor/window.ts';
import { figure } from '../rig/figure.ts';
import { signalQuietly, sleep } from '../rig/process.ts';
import { KNOCKS } from '../rig/scene.ts';
import { sshEvents } from './open-remote-ssh.ts';
import { bringBack, takeAway } from './outage.ts';
import { connected, openRemote, type Resolved, resolveAgain } from './remote-window.ts';
import { AUTHORITY, useSshWindows } from './ssh-windows.ts';

/** Seconds. */
const GRANT = 8;

/* The extension that opens windows over SSH runs our hook in a window of the editor, sometimes in the very one that would answer it. */
describe('a window over SSH whose configuration has the hook, with auto-knock off', () => {
  const windows = useSshWindows('hook', GRANT);
  /** The window that answers the hook. */
  let local: Window;

  beforeAll(async () => {
    const { workbench } = windows();
    local = await workbench.open();
    await local.runCommand('Knockgate: Knock for Every SSH Connection…');
    await local.pick('Make This Change');
    await local.eventually('the hook', async () => listener() !== undefined);
    workbench.change({ 'knockgate.autoKnock.enabled': false });
  });

  /** The process that answers the hook: the extension host of one of the windows. */
  const listener = (): number | undefined => {
    const { home } = windows().workbench;
    const files = readdirSync(home.runtime, { recursive: true, encoding: 'utf8' });
    const answers = files.find(
      (file) => dirname(file).endsWith('.windows') && readFileSync(join(home.runtime, file), 'utf8') !== '',
    );
    return answers === undefined ? undefined : Number(basename(answers));
  };

  /** Connects while the port is closed, and tells how many milliseconds the knock came before the first SYN. */
  const connects = async (what: string, connect: () => Promise<Resolved>): Promise<number> => {
    const { scene, workbench } = windows();
    while (await scene.isOpen()) await sleep(200);
    const before = sshEvents(workbench.home).length;
    const tap = await capture(scene.pair.client, `${KNOCKS} or tcp dst port 22`);
    const result = await connect();
    const { datagrams, syns } = await tap.stop();
    const aheadMs = (syns[0]?.at ?? Number.NaN) - (datagrams[0]?.at ?? Number.NaN);
    const events = sshEvents(workbench.home).slice(before);
    const { ms } = events.find(({ event }) => event === 'ran') ?? {};
    figure(
      `${what}: knock ${aheadMs.toFixed(0)} ms before the first SYN; the hook's command took ${ms?.toFixed(0)} ms`,
    );
    expect(result).toMatchObject({ type: 'ok' });
    expect(events.at(-1)).toMatchObject({ event: 'logged in', said: 'inside' });
    return aheadMs;
  };

  it('knocks before its first SYN when another window answers the hook', async () => {
    const window = await openRemote(windows().workbench, AUTHORITY);
    expect(await connects('another window answers', () => connected(window))).toBeGreaterThan(0);
    for (const attempt of [2, 3, 4])
      expect(
        await connects(`another window answers, attempt ${attempt}`, () => resolveAgain(window, attempt)),
      ).toBeGreaterThan(0);
    await window.close();
  });

  it('knocks before its first SYN when it answers the hook itself, and the connection was lost', async () => {
    const window = await openRemote(windows().workbench, AUTHORITY, '/srv');
    expect(await connected(window)).toMatchObject({ type: 'ok' });
    const own = sshEvents(windows().workbench.home).at(-1)?.pid;
    await local.close();
    // In this editor the extension host of a window that is closed goes on for hours, in case its browser comes back.
    await window.eventually('this window to answer the hook', async () => {
      const pid = listener();
      if (pid !== undefined && pid !== own) signalQuietly(pid, 'SIGKILL');
      return pid === own;
    });
    await takeAway(windows().scene);
    await sleep(2000);
    await bringBack(windows().scene);
    expect(await connects('it answers itself', () => resolveAgain(window, 2))).toBeGreaterThan(0);
    expect(await connects('it answers itself, once more', () => resolveAgain(window, 3))).toBeGreaterThan(0);
  });
});
