import { describe, expect, it } from 'vitest';
import { formatSshAuthority } from '../../src/ssh/authority.ts';
import { TARGET4 } from '../rig/netns.ts';
import { sleep } from '../rig/process.ts';
import { HOST } from '../rig/scene.ts';
import { knocksFirst, whileClosed } from './knocks-first.ts';
import { sshEvents } from './open-remote-ssh.ts';
import { openRemote } from './remote-window.ts';
import { AUTHORITY, useSshWindows } from './ssh-windows.ts';

/** Seconds: soon over, so that each window needs its own knock. */
const GRANT = 2;
/** Time after which our own command's note about a window has expired: it counts for half a minute. */
const NOTE_IS_OVER_MS = 35_000;

/* Windows of an extension that connects by itself, to a real sshd behind a real gate. */
describe('a window over SSH', () => {
  const windows = useSshWindows('windows-long', GRANT);

  it.each([
    ['empty', undefined],
    ['with a folder', '/srv'],
  ])('%s knocks when it is opened, reloaded and restored', async (what, folder) => {
    const open = () => openRemote(windows().workbench, AUTHORITY, folder);
    const window = await knocksFirst(windows(), `${what}, opened`, open);
    await knocksFirst(windows(), `${what}, reloaded`, async () => {
      await window.reload();
      return window;
    });
    await window.close();
    const restored = await knocksFirst(windows(), `${what}, restored`, open);
    await restored.close();
  });

  it.each([
    ['with a folder, to a user at an address', 'ssh-remote+root@192.0.2.2', '/srv'],
    ['that is empty, to a name with an escape', 'ssh-remote+\\x54arget', undefined],
    ['with a folder, to a name with an escape', 'ssh-remote+\\x54arget', '/srv'],
    [
      'that is empty, to user and address in hexadecimal',
      formatSshAuthority({ host: TARGET4, user: 'root', port: undefined }),
      undefined,
    ],
    [
      'with a folder, to user, address and port in hexadecimal',
      formatSshAuthority({ host: TARGET4, user: 'root', port: 22 }),
      '/srv',
    ],
  ])('%s knocks', async (what, authority, folder) => {
    const window = await knocksFirst(windows(), what, () => openRemote(windows().workbench, authority, folder));
    await window.close();
  });

  it('that our own command has opened knocks when it is reloaded much later', async () => {
    const { workbench } = windows();
    const local = await workbench.open();
    await local.runCommand('Knockgate: Knock and Connect…');
    await local.pick(HOST);
    await local.statusBarSays('knockgate.knockgate', /target: open/);
    const window = await knocksFirst(windows(), 'our own command', () => openRemote(workbench, AUTHORITY));
    await sleep(NOTE_IS_OVER_MS);
    await knocksFirst(windows(), 'our own command, reloaded', async () => {
      await window.reload();
      return window;
    });
    await window.close();
  });

  it('does not knock when auto-knock is off: nothing else opens the port', async () => {
    const { workbench } = windows();
    workbench.change({ 'knockgate.autoKnock.enabled': false });
    const before = sshEvents(workbench.home).length;
    const { datagrams, syns, window } = await whileClosed(windows(), async () => {
      const opened = await openRemote(workbench, AUTHORITY, '/srv');
      await opened.eventually('it to connect', async () => sshEvents(workbench.home).length >= before + 2);
      await sleep(1500);
      return opened;
    });
    expect(syns.length).toBeGreaterThan(0);
    expect(datagrams).toEqual([]);
    expect(sshEvents(workbench.home).slice(before)).toMatchObject([{ event: 'resolving' }, { event: 'connecting' }]);
    await window.close();
  });
});
