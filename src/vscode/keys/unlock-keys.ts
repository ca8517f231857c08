import { l10n } from 'vscode';
import type { Parts } from '../parts.ts';
import { keyStoreSetting } from '../settings.ts';
import { askNewPassphrase, askPassphrase } from './ask-passphrase.ts';

/**
 * Unlocks the key file, if keys are kept in one and it is not unlocked in this window yet. Makes it when there is none.
 * @returns false when the person cancels
 * @throws Problem: those of the key file
 */
export async function unlockKeys({ keyFile, log }: Pick<Parts, 'keyFile' | 'log'>): Promise<boolean> {
  if (keyStoreSetting() !== 'file' || !keyFile.isLocked) return true;
  const title = keyFile.exists ? l10n.t('Unlock Keys') : l10n.t('Make a Key File');
  const passphrase = await (keyFile.exists ? askPassphrase(title) : askNewPassphrase(title));
  if (passphrase === undefined) return false;
  await keyFile.unlock(passphrase);
  log.info('the key file is unlocked');
  return true;
}
