import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatSshAuthority } from '../../src/ssh/authority.ts';
import { KNOCK_PORT, type Scene } from '../gate/scene.ts';
import { capture } from '../rig/capture.ts';
import { TARGET4 } from '../rig/netns.ts';
import type { Captured } from '../rig/pcap.ts';
import { sleep } from '../rig/process.ts';
import { figure } from './figure.ts';
import { sshEvents } from './open-remote-ssh.ts';
import { connected, openRemote } from './remote-window.ts';
import { AUTHORITY, type SshWindows, sshWindows } from './ssh-windows.ts';
import type { Window } from './window.ts';
import type { Workbench } from './workbench.ts';

/** Seconds: soon over, so that each window has to knock. */
const GRANT = 2;

/* Windows of an extension that connects by itself, to a real sshd behind a real gate. */
describe('a window over SSH', () => {
  let windows: SshWindows;
  let scene: Scene;
  let workbench: Workbench;

  beforeAll(async () => {
    windows = await sshWindows('windows', GRANT);
    ({ scene, workbench } = windows);
  });
  afterAll(() => windows?.end());

  /** Does something while the door is closed, and tells what went over the wire meanwhile. */
  const whileClosed = async (action: () => Promise<Window>): Promise<Captured & { window: Window }> => {
    while (await scene.isOpen()) await sleep(200);
    const tap = await capture(scene.pair.client, `udp dst port ${KNOCK_PORT} or tcp dst port 22`);
    const window = await action();
    return { ...(await tap.stop()), window };
  };

  /** Does something that makes a window connect: it must have knocked first, and log in. */
  const knocksFirst = async (what: string, action: () => Promise<Window>): Promise<Window> => {
    const before = sshEvents(workbench.home).length;
    const { datagrams, syns, window } = await whileClosed(async () => {
      const opened = await action();
      expect(await connected(opened)).toMatchObject({ type: 'ok' });
      return opened;
    });
    const [knock, syn] = [datagrams[0]?.at ?? Number.NaN, syns[0]?.at ?? Number.NaN];
    const events = sshEvents(workbench.home).slice(before);
    const connecting = events.find(({ event }) => event === 'connecting')?.at ?? Number.NaN;
    figure(
      `${what}: knock ${(syn - knock).toFixed(0)} ms before the first SYN, ${(connecting - knock).toFixed(0)} ms before the SSH extension connects`,
    );
    expect(knock).toBeLessThan(syn);
    expect(knock).toBeLessThan(connecting);
    expect(events.at(-1)).toMatchObject({ event: 'logged in', attempt: 1, said: 'inside' });
    return window;
  };

  it.each([
    ['with a folder', '/srv'],
    ['that is empty', undefined],
  ])('%s knocks when it is opened, reloaded and restored', async (what, folder) => {
    const window = await knocksFirst(`${what}, opened`, () => openRemote(workbench, AUTHORITY, folder));
    await knocksFirst(`${what}, reloaded`, async () => {
      await window.reload();
      return window;
    });
    await window.close();
    const restored = await knocksFirst(`${what}, restored`, () => openRemote(workbench, AUTHORITY, folder));
    await restored.close();
  });

  it.each([
    ['with a folder, to a user at an address', 'ssh-remote+root@192.0.2.2', '/srv'],
    ['that is empty, to a user at an address, in hexadecimal', hex(TARGET4), undefined],
    ['that is empty, to a name with an escape', 'ssh-remote+\\x54arget', undefined],
  ])('%s knocks when it is opened', async (what, authority, folder) => {
    const window = await knocksFirst(what, () => openRemote(workbench, authority, folder));
    await window.close();
  });

  it('does not knock when auto-knock is off: nothing else opens the door', async () => {
    workbench.change({ 'knockgate.autoKnock.enabled': false });
    const before = sshEvents(workbench.home).length;
    const { datagrams, syns, window } = await whileClosed(async () => {
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

function hex(host: string): string {
  return formatSshAuthority({ host, user: 'root', port: undefined });
}
