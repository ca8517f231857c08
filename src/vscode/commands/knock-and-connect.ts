import { l10n } from 'vscode';
import { Problem } from '../../spa/problem.ts';
import type { Door } from '../doors.ts';
import type { Parts } from '../parts.ts';
import { pickHost } from '../pick-host.ts';
import { openRemoteWindow } from '../remote-window.ts';
import { unlockHost } from '../unlock-host.ts';
import { withProgress } from '../with-progress.ts';
import { addHost } from './add-host.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Knock and Connect… */
export async function knockAndConnect(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Knock and Connect'), 'all'));
  if (name === undefined) return;
  const door = await findOrAddDoor(parts, name);
  if (door === undefined || !(await unlockHost(parts, door.host))) return;
  const request = { reason: 'knock and connect', force: false, trustMs: 0 };
  await withProgress(l10n.t('knocking at {0}', door.host.name), (signal) => parts.knocker.knock(door, request, signal));
  await openRemoteWindow(name, parts.globalState, parts.clock.wallMs());
}

/** The door on the way to a host; where there is none, the person is asked for the gate's line. */
async function findOrAddDoor(parts: Parts, name: string): Promise<Door | undefined> {
  const destination = { host: name, user: undefined, port: undefined };
  try {
    return await parts.doors.find(destination);
  } catch (error) {
    if (!(error instanceof Problem) || error.text.code !== 'host-unknown') throw error;
  }
  return (await addHost(parts, name)) === undefined ? undefined : parts.doors.find(destination);
}
