import { l10n } from 'vscode';
import { askText } from './ask.ts';

/** A derivation makes guesses dear, not impossible. */
const LEAST_CHARACTERS = 12;

/** Asks for a passphrase that is there already; undefined when the person cancels. */
export async function askPassphrase(title: string): Promise<string | undefined> {
  const prompt = l10n.t('The passphrase of this file');
  return askText({ title, prompt, password: true });
}

/** Asks for a new passphrase, twice; undefined when the person cancels. */
export async function askNewPassphrase(title: string): Promise<string | undefined> {
  const passphrase = await askText({
    title,
    prompt: l10n.t('A new passphrase. Without it nobody can open the file, not even you.'),
    password: true,
    validateInput: (text) =>
      [...text].length < LEAST_CHARACTERS ? l10n.t('At least {0} characters.', LEAST_CHARACTERS) : undefined,
  });
  if (passphrase === undefined) return undefined;
  return askText({
    title,
    prompt: l10n.t('The same passphrase once more'),
    password: true,
    validateInput: (text) => (text === passphrase ? undefined : l10n.t('It is not the same.')),
  });
}
