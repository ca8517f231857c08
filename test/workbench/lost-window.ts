import { expect } from 'vitest';
import { capture } from '../rig/capture.ts';
import type { Window } from '../rig/editor/window.ts';
import { KNOCKS } from '../rig/scene.ts';
import { type SshEvent, sshEvents } from './open-remote-ssh.ts';
import { connected, openRemote } from './remote-window.ts';
import { AUTHORITY, type SshWindows } from './ssh-windows.ts';

/**
 * Opens a window whose connection a test is about to lose, and waits until the port is shut again.
 * @param grant seconds
 * @returns the window, and the number of events so far
 */
export async function openBehindShutPort(
  { scene, workbench }: SshWindows,
  grant: number,
  folder = '/srv',
): Promise<{ window: Window; before: number }> {
  const window = await openRemote(workbench, AUTHORITY, folder);
  expect(await connected(window)).toMatchObject({ type: 'ok' });
  await window.eventually('the grant to end', async () => !(await scene.isOpen()), (grant + 10) * 1000);
  return { window, before: sshEvents(workbench.home).length };
}

/** Captures knocks, and packets to the SSH port. */
export function tapWire({ scene }: SshWindows) {
  return capture(scene.pair.client, `${KNOCKS} or tcp dst port 22`);
}

/** The last thing that the SSH extension did after the first `before`. */
export function lastSshEvent({ workbench }: SshWindows, before: number): SshEvent | undefined {
  return sshEvents(workbench.home).slice(before).at(-1);
}
