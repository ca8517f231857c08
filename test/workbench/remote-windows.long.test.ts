import { afterAll, beforeAll, describe, it } from 'vitest';
import { formatSshAuthority } from '../../src/ssh/authority.ts';
import { HOST } from '../gate/scene.ts';
import { TARGET4 } from '../rig/netns.ts';
import { sleep } from '../rig/process.ts';
import { knocksFirst } from './knocks-first.ts';
import { openRemote } from './remote-window.ts';
import { AUTHORITY, type SshWindows, sshWindows } from './ssh-windows.ts';

/** Seconds. */
const GRANT = 2;
/** What our own command notes of the window that it opens counts for half a minute. */
const NOTE_IS_OVER_MS = 35_000;

/* The rest of remote-windows.test.ts. */
describe('a window over SSH', () => {
  let windows: SshWindows;

  beforeAll(async () => {
    windows = await sshWindows('windows-long', GRANT);
  });
  afterAll(() => windows?.end());

  it('with a folder knocks when it is reloaded and restored', async () => {
    const open = () => openRemote(windows.workbench, AUTHORITY, '/srv');
    const window = await knocksFirst(windows, 'with a folder, opened', open);
    await knocksFirst(windows, 'with a folder, reloaded', async () => {
      await window.reload();
      return window;
    });
    await window.close();
    const restored = await knocksFirst(windows, 'with a folder, restored', open);
    await restored.close();
  });

  it.each([
    ['empty', formatSshAuthority({ host: TARGET4, user: 'root', port: undefined }), undefined],
    ['with a folder', formatSshAuthority({ host: TARGET4, user: 'root', port: 22 }), '/srv'],
    ['with a folder, with an escape', 'ssh-remote+\\x54arget', '/srv'],
  ])('%s, to user and address in hexadecimal or to a name with an escape, knocks', async (what, authority, folder) => {
    const window = await knocksFirst(windows, what, () => openRemote(windows.workbench, authority, folder));
    await window.close();
  });

  it('that our own command has opened knocks when it is reloaded much later', async () => {
    const local = await windows.workbench.open();
    await local.runCommand('Knockgate: Knock and Connect…');
    await local.pick(HOST);
    await local.statusBarSays('knockgate.knockgate', /target: open/);
    const window = await knocksFirst(windows, 'our own command', () => openRemote(windows.workbench, AUTHORITY));
    await sleep(NOTE_IS_OVER_MS);
    await knocksFirst(windows, 'our own command, reloaded', async () => {
      await window.reload();
      return window;
    });
  });
});
