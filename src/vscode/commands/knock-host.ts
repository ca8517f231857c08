import { l10n } from 'vscode';
import { pickDestination } from '../ask/pick-host.ts';
import { withProgress } from '../ask/with-progress.ts';
import { unlockHost } from '../keys/unlock-host.ts';
import { destinationOf } from '../knock/destinations.ts';
import type { Parts } from '../parts.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Knock… */
export async function knockHost(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickDestination(parts, l10n.t('Knock'), false));
  if (name === undefined) return;
  // A person who asks for a knock gets one, even if the port should be open.
  const request = { reason: 'command', force: true, trustMs: 0 };
  const title = l10n.t('knocking at {0}', name);
  const wanted = destinationOf(name, parts);
  const door = await withProgress(title, () => parts.doors.find(wanted));
  if (!(await unlockHost(parts, door.host))) return;
  await withProgress(title, (signal) => parts.knocker.knock(door, request, signal));
}
