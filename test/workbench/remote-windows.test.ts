import { describe, expect, it } from 'vitest';
import { knocksFirst } from './knocks-first.ts';
import { sshEvents } from './open-remote-ssh.ts';
import { forgetConnections } from './outage.ts';
import { connectAgain, openRemote } from './remote-window.ts';
import { AUTHORITY, useSshWindows } from './ssh-windows.ts';

/** Seconds: soon over, so that each connection needs its own knock. */
const GRANT = 2;
/** The editor of this test never notices by itself that a connection is lost. */
const NEVER_MS = 2 ** 31 - 1;

/*
 * Windows of an extension that connects by itself, to a real sshd behind a real gate. All other windows are in
 * remote-windows.long.test.ts, all other losses in lost-connection.long.test.ts.
 */
describe('a window over SSH', () => {
  const windows = useSshWindows('windows', GRANT);

  it('that is empty knocks when it is opened', async () => {
    const window = await knocksFirst(windows(), 'empty', () => openRemote(windows().workbench, AUTHORITY));
    await window.close();
  });

  it('with a folder knocks when it is opened, and again when its connection is lost', async () => {
    const { scene, workbench } = windows();
    const window = await knocksFirst(windows(), 'with a folder', () => openRemote(workbench, AUTHORITY, '/srv'));
    await window.eventually('the grant to end', async () => !(await scene.isOpen()));
    const before = sshEvents(workbench.home).length;
    await forgetConnections(scene);
    expect(await connectAgain(window, NEVER_MS)).toBe('asked');
    expect(sshEvents(workbench.home).slice(before).at(-1)).toMatchObject({ event: 'logged in', said: 'inside' });
    await window.eventually('the end of knocking', async () =>
      /connection of this window answers again/.test(workbench.output('Knockgate')),
    );
  });
});
