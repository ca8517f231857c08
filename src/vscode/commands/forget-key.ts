import { l10n, window } from 'vscode';
import type { Parts } from '../parts.ts';

/** Knock: Forget Key… Destroys what cannot be had back, and so asks. */
export async function forgetKey({ keyring, log }: Parts): Promise<void> {
  const forget = l10n.t('Forget the Key');
  const detail = l10n.t(
    'Every gate that this device is enrolled on stays closed for it until a new key is enrolled there. It cannot be undone.',
  );
  const question = l10n.t('Forget the client key of this device?');
  if ((await window.showWarningMessage(question, { modal: true, detail }, forget)) !== forget) return;
  await keyring.forget();
  log.info('the client key was forgotten');
}
