import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../rig/process.ts';
import { knocksFirst, whileClosed } from './knocks-first.ts';
import { sshEvents } from './open-remote-ssh.ts';
import { openRemote } from './remote-window.ts';
import { AUTHORITY, type SshWindows, sshWindows } from './ssh-windows.ts';

/** Seconds: soon over, so that each window has to knock. */
const GRANT = 2;

/* Windows of an extension that connects by itself, to a real sshd behind a real gate. More in remote-windows.long.test.ts. */
describe('a window over SSH', () => {
  let windows: SshWindows;

  beforeAll(async () => {
    windows = await sshWindows('windows', GRANT);
  });
  afterAll(() => windows?.end());

  it('that is empty knocks when it is opened, reloaded and restored', async () => {
    const open = () => openRemote(windows.workbench, AUTHORITY);
    const window = await knocksFirst(windows, 'empty, opened', open);
    await knocksFirst(windows, 'empty, reloaded', async () => {
      await window.reload();
      return window;
    });
    await window.close();
    const restored = await knocksFirst(windows, 'empty, restored', open);
    await restored.close();
  });

  it.each([
    ['with a folder', AUTHORITY, '/srv'],
    ['with a folder, to a user at an address', 'ssh-remote+root@192.0.2.2', '/srv'],
    ['that is empty, to a name with an escape', 'ssh-remote+\\x54arget', undefined],
  ])('%s knocks when it is opened', async (what, authority, folder) => {
    const window = await knocksFirst(windows, what, () => openRemote(windows.workbench, authority, folder));
    await window.close();
  });

  it('does not knock when auto-knock is off: nothing else opens the port', async () => {
    const { workbench } = windows;
    workbench.change({ 'knockgate.autoKnock.enabled': false });
    const before = sshEvents(workbench.home).length;
    const { datagrams, syns, window } = await whileClosed(windows, async () => {
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
