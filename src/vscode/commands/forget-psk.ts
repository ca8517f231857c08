import { l10n } from 'vscode';
import { confirm } from '../ask/ask.ts';
import { pickHost } from '../ask/pick-host.ts';
import type { Parts } from '../parts.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Forget Pre-Shared Key… Asks first, since it cannot be undone. */
export async function forgetPsk(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Forget Pre-Shared Key'), 'gates'));
  if (name === undefined) return;
  const forget = l10n.t('Forget the Pre-Shared Key');
  const question = l10n.t('Forget the pre-shared key of {0}?', name);
  const detail = l10n.t('A gate that wants it stays closed to this device. It cannot be undone.');
  if (!(await confirm(question, forget, detail))) return;
  await parts.keyring.forgetPsk(name);
  parts.log.info(`${name}: the pre-shared key was forgotten`);
}
