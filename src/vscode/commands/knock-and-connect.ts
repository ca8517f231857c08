import { l10n } from 'vscode';
import { pickDestination } from '../ask/pick-host.ts';
import { isWindowEmpty, knockAndOpen } from '../knock/connect.ts';
import type { Parts } from '../parts.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Knock and Connect… Opens a new window, or uses this one if nothing is open in it. */
export async function knockAndConnect(parts: Parts, argument: unknown): Promise<void> {
  await connect(parts, argument, l10n.t('Knock and Connect'), isWindowEmpty());
}

/** Knockgate: Knock and Connect in This Window… */
export async function connectHere(parts: Parts, argument: unknown): Promise<void> {
  await connect(parts, argument, l10n.t('Knock and Connect in This Window'), true);
}

async function connect(parts: Parts, argument: unknown, title: string, isHere: boolean): Promise<void> {
  const typed = nameFrom(argument) ?? (await pickDestination(parts, title, true));
  if (typed !== undefined) await knockAndOpen(parts, typed, { folder: undefined, isHere });
}
