import { expect } from 'vitest';
import { capture } from '../rig/capture.ts';
import type { Window } from '../rig/editor/window.ts';
import { figure } from '../rig/figure.ts';
import type { Captured } from '../rig/pcap.ts';
import { sleep } from '../rig/process.ts';
import { KNOCKS } from '../rig/scene.ts';
import { sshEvents } from './open-remote-ssh.ts';
import { connected } from './remote-window.ts';
import type { SshWindows } from './ssh-windows.ts';

/** Packets on the wire before a window over SSH is connected. */
const WATCHED = `${KNOCKS} or tcp dst port 22`;

/** Does something while the port is closed, and tells what went over the wire meanwhile. */
export async function whileClosed(
  { scene }: SshWindows,
  action: () => Promise<Window>,
): Promise<Captured & { window: Window }> {
  while (await scene.isOpen()) await sleep(200);
  const tap = await capture(scene.pair.client, WATCHED);
  const window = await action();
  return { ...(await tap.stop()), window };
}

/** Does something that makes a window connect: it must have knocked before the first SYN of anybody, and log in. */
export async function knocksFirst(windows: SshWindows, what: string, action: () => Promise<Window>): Promise<Window> {
  const { home } = windows.workbench;
  const before = sshEvents(home).length;
  const { datagrams, syns, window } = await whileClosed(windows, async () => {
    const opened = await action();
    expect(await connected(opened)).toMatchObject({ type: 'ok' });
    return opened;
  });
  const [knock, syn] = [datagrams[0]?.at ?? Number.NaN, syns[0]?.at ?? Number.NaN];
  const events = sshEvents(home).slice(before);
  const connecting = events.find(({ event }) => event === 'connecting')?.at ?? Number.NaN;
  figure(
    `${what}: knock ${(syn - knock).toFixed(0)} ms before the first SYN, ${(connecting - knock).toFixed(0)} ms before the SSH extension connects`,
  );
  expect(knock).toBeLessThan(syn);
  expect(knock).toBeLessThan(connecting);
  expect(events.at(-1)).toMatchObject({ event: 'logged in', attempt: 1, said: 'inside' });
  return window;
}
