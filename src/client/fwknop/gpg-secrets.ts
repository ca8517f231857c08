import type { Phrase } from '../../base/phrase.ts';
import {
  type GpgPrivateKey,
  type GpgSealingKeys,
  type ReadGpgKey,
  readGpgPrivateKey,
  readGpgPublicKey,
} from '../../fwknop/gpg.ts';
import { loadOpenPgp, type OpenPgp } from '../../fwknop/openpgp.ts';
import { gpgKeyUnusable, openPgpMissing } from './problems.ts';

/** Keys for packets in GnuPG's mode. */
export interface GpgSecrets {
  readonly pgp: OpenPgp;
  readonly sealing: GpgSealingKeys;
  /** HMAC key of 1 to 128 bytes; undefined when packets have no HMAC. */
  readonly hmacKey: Uint8Array | undefined;
}

/** Key as a text, ASCII-armoured, and its name in errors. */
export interface GpgKeyText {
  readonly name: Phrase | string;
  readonly text: string;
}

export interface GpgTexts {
  readonly recipient: GpgKeyText;
  readonly signer: GpgKeyText | undefined;
  /** Asks for the passphrase of a locked key; gives undefined when there is none and nobody can be asked. */
  readonly passphrase: () => Promise<string | undefined>;
  readonly hmacKey: Uint8Array | undefined;
}

/**
 * Loads the library, and makes keys of the texts.
 * @throws Problem `fwknop-gpg-key-unusable`, `openpgp-missing`
 */
export async function openGpgSecrets({ recipient, signer, passphrase, hmacKey }: GpgTexts): Promise<GpgSecrets> {
  const pgp = await library();
  const to = await readGpgPublicKey(pgp, recipient.text, 'encryption');
  const sealing = {
    recipient: expectKey(to, recipient),
    signer: signer === undefined ? undefined : await unlock(pgp, signer, passphrase),
  };
  return { pgp, sealing, hmacKey };
}

async function unlock(pgp: OpenPgp, signer: GpgKeyText, passphrase: GpgTexts['passphrase']): Promise<GpgPrivateKey> {
  const bare = await readGpgPrivateKey(pgp, signer.text, 'signatures', undefined);
  if (bare.ok || bare.reason !== 'passphrase-missing') return expectKey(bare, signer);
  return expectKey(await readGpgPrivateKey(pgp, signer.text, 'signatures', await passphrase()), signer);
}

async function library(): Promise<OpenPgp> {
  try {
    return await loadOpenPgp();
  } catch {
    throw openPgpMissing();
  }
}

function expectKey<Key>(read: ReadGpgKey<Key>, { name }: GpgKeyText): Key {
  if (read.ok) return read.key;
  throw gpgKeyUnusable(name, read.reason);
}
