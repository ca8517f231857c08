import { l10n } from 'vscode';
import type { Parts } from '../parts.ts';
import { pickHost } from '../pick-host.ts';
import { withProgress } from '../with-progress.ts';
import { nameFrom } from './named-host.ts';

/** Knock: Knock… */
export async function knockHost(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Knock'), 'gated'));
  if (name === undefined) return;
  // Somebody who asks for a knock gets one, whatever is believed to be open.
  const request = { reason: 'command', force: true, trustMs: 0 };
  await withProgress(l10n.t('knocking at {0}', name), async (signal) => {
    const door = await parts.doors.find({ host: name, user: undefined, port: undefined });
    await parts.knocker.knock(door, request, signal);
  });
}
