import { l10n } from 'vscode';
import { LEAST_PASSPHRASE } from '../../client/keys/sealed-key-file.ts';
import { askText, type TextQuestion } from '../ask/ask.ts';

/** Asks for an existing passphrase; undefined when the person cancels. */
export async function askPassphrase(title: string): Promise<string | undefined> {
  const prompt = l10n.t('The passphrase of this file');
  return askText({ title, prompt, password: true });
}

/** Asks for a new passphrase, twice; undefined when the person cancels. */
export async function askNewPassphrase(title: string): Promise<string | undefined> {
  const passphrase = await askText(newPassphrase(title));
  return passphrase === undefined ? undefined : askText(repeatedPassphrase(title, passphrase));
}

/** Question for a new passphrase. */
export function newPassphrase(title: string): TextQuestion {
  return {
    title,
    prompt: l10n.t('A new passphrase. Without it nobody can open the file, not even you.'),
    password: true,
    validateInput: (text) =>
      [...text].length < LEAST_PASSPHRASE ? l10n.t('At least {0} characters.', LEAST_PASSPHRASE) : undefined,
  };
}

/** Question for the same passphrase once more. */
export function repeatedPassphrase(title: string, passphrase: string): TextQuestion {
  return {
    title,
    prompt: l10n.t('The same passphrase once more'),
    password: true,
    validateInput: (text) => (text === passphrase ? undefined : l10n.t('It is not the same.')),
  };
}
