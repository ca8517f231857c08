import { chmodSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { l10n, Uri, window } from 'vscode';
import { replaceFile } from '../../client/atomic-file.ts';
import { fileUnusable } from '../../client/problems.ts';
import { deriveWithScrypt } from '../../client/scrypt.ts';
import { newSealKey, seal } from '../../client/sealed-key-file.ts';
import { systemErrorCode } from '../../client/system-error.ts';
import { toBase64Url } from '../../spa/bytes.ts';
import { formatKey } from '../../spa/keys.ts';
import { askNewPassphrase } from '../ask-passphrase.ts';
import type { Parts } from '../parts.ts';
import { pickIdentity } from '../pick-identity.ts';
import { notOnThisComputer } from '../problems.ts';
import { tell } from '../tell.ts';

/** Knockgate: Export Key… An identity in a file under a passphrase, for a backup or another device. */
export async function exportKey(parts: Parts, argument: unknown): Promise<void> {
  const { crypto, keyring, log } = parts;
  const title = l10n.t('Export Key');
  const identity = await pickIdentity(parts, title, argument);
  if (identity === undefined) return;
  const key = await keyring.load(identity);
  const passphrase = await askNewPassphrase(title);
  if (passphrase === undefined) return;
  const defaultUri = Uri.file(join(homedir(), `knockgate-${identity}.key`));
  const uri = await window.showSaveDialog({ title, defaultUri });
  if (uri === undefined) return;
  if (uri.scheme !== 'file') throw notOnThisComputer();
  const io = { crypto, deriveKey: deriveWithScrypt };
  const secrets = new Map([
    ['identity', identity],
    ['key', formatKey(key)],
  ]);
  const text = seal(secrets, await newSealKey(passphrase, io), io);
  write(uri.fsPath, text, toBase64Url(crypto.randomBytes(9)));
  log.info(`identity ${identity}: exported`);
  tell(l10n.t('Identity {0} is exported. Keep its passphrase elsewhere.', identity));
}

function write(path: string, text: string, suffix: string): void {
  try {
    replaceFile(path, text, suffix, true);
    // A file that was there had a mode of its own.
    chmodSync(path, 0o600);
  } catch (error) {
    const code = systemErrorCode(error);
    throw code === undefined ? error : fileUnusable(path, code);
  }
}
