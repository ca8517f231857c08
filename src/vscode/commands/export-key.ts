import { homedir } from 'node:os';
import { join } from 'node:path';
import { l10n, Uri } from 'vscode';
import { toBase64Url } from '../../base/bytes.ts';
import { writeExportedKey } from '../../client/keys/exported-key.ts';
import { deriveWithScrypt } from '../../client/keys/scrypt.ts';
import { newSealKey } from '../../client/keys/sealed-key-file.ts';
import { tell } from '../ask/tell.ts';
import { window } from '../ask/window.ts';
import { askNewPassphrase } from '../keys/ask-passphrase.ts';
import { pickIdentity } from '../keys/pick-identity.ts';
import type { Parts } from '../parts.ts';
import { notOnThisComputer } from '../problems.ts';

/** Knockgate: Export Key… Writes an identity to a file under a passphrase, for a backup or another device. */
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
  const exported = { identity, key, hosts: new Map() };
  writeExportedKey(uri.fsPath, exported, await newSealKey(passphrase, io), io, toBase64Url(crypto.randomBytes(9)));
  log.info(`identity ${identity}: exported`);
  tell(l10n.t('Identity "{0}" is exported. Keep its passphrase elsewhere.', identity));
}
