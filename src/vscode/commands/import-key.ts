import { readFileSync } from 'node:fs';
import { l10n, window } from 'vscode';
import { fileUnusable, sealedFileInvalid } from '../../client/problems.ts';
import { deriveWithScrypt } from '../../client/scrypt.ts';
import { unseal } from '../../client/sealed-key-file.ts';
import { systemErrorCode } from '../../client/system-error.ts';
import { parseSecretKey } from '../../spa/keys.ts';
import { askIdentityName } from '../ask-identity-name.ts';
import { askPassphrase } from '../ask-passphrase.ts';
import { USUAL_IDENTITY } from '../keyring.ts';
import type { Parts } from '../parts.ts';
import { notOnThisComputer } from '../problems.ts';
import { tell } from '../tell.ts';

/** Knockgate: Import Key… An identity out of a file that "Export Key" wrote. Never overwrites a key that is there. */
export async function importKey({ crypto, keyring, log }: Parts): Promise<void> {
  const title = l10n.t('Import Key');
  const [uri] = (await window.showOpenDialog({ title, canSelectMany: false })) ?? [];
  if (uri === undefined) return;
  if (uri.scheme !== 'file') throw notOnThisComputer();
  const text = read(uri.fsPath);
  const passphrase = await askPassphrase(title);
  if (passphrase === undefined) return;
  const { secrets } = await unseal(text, passphrase, uri.fsPath, { crypto, deriveKey: deriveWithScrypt });
  const key = parseSecretKey(secrets.get('key') ?? '');
  if (key === undefined) throw sealedFileInvalid(uri.fsPath);
  const { taken } = keyring;
  const suggested = secrets.get('identity') ?? '';
  // On a new device the usual identity is the one that is wanted, without a question.
  const isFree = suggested === USUAL_IDENTITY && !taken.includes(USUAL_IDENTITY);
  const identity = isFree ? suggested : await askIdentityName(title, suggested, taken);
  if (identity === undefined) return;
  await keyring.add(identity, key);
  log.info(`identity ${identity}: imported`);
  tell(l10n.t('The key is imported as identity {0}.', identity));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const code = systemErrorCode(error);
    throw code === undefined ? error : fileUnusable(path, code);
  }
}
