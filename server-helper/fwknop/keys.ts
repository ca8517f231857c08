import { concat, utf8 } from '../../src/base/bytes.ts';
import type { FwknopCrypto } from '../../src/fwknop/crypto.ts';
import {
  type GpgKeyRefusal,
  type GpgOpeningKeys,
  type ReadGpgKey,
  readGpgPrivateKey,
  readGpgPublicKey,
} from '../../src/fwknop/gpg.ts';
import { loadOpenPgp, type OpenPgp } from '../../src/fwknop/openpgp.ts';
import type { ConfiguredFwknop } from '../config/fwknop-config.ts';
import type { GpgTexts } from '../config/keys.ts';
import type { KnownFwknop, Skip } from '../config/load.ts';
import { gpgKeyUnusable, partMissing, reasonOf } from '../problems.ts';
import type { FwknopStanza } from './verify.ts';
import { Admission, type GpgKeys } from './verify-gpg.ts';

/** Stanza with usable keys. */
export type ReadyFwknop = ConfiguredFwknop & FwknopStanza;

/**
 * Makes keys of the texts that stanzas name. Loads the library for OpenPGP if a stanza needs it.
 * @param skip takes what is wrong with a stanza, which then is not among the result
 * @throws Problem `gpg-key-unusable`, `part-missing`
 */
export async function readyKeys(stanzas: readonly KnownFwknop[], skip?: Skip): Promise<ReadyFwknop[]> {
  const ready = stanzas.map(async (stanza) => {
    try {
      const keys = 'configured' in stanza.keys ? await gpgKeysOf(stanza.keys) : stanza.keys;
      return [{ ...stanza, keys }];
    } catch (error) {
      if (skip === undefined) throw error;
      skip(`[[fwknop]] ${stanza.name}`, error);
      return [];
    }
  });
  return (await Promise.all(ready)).flat();
}

/**
 * Name of these keys in the record of replays: 32 bytes. It depends only on the key that makes a message. Otherwise stanzas that
 * share the key would each take the same message, whatever their name, mode and HMAC.
 */
export function replayKeyOf(crypto: FwknopCrypto, keys: KnownFwknop['keys'] | FwknopStanza['keys']): Uint8Array {
  return crypto.hash('sha256', concat(utf8('fwknop '), makerOf(keys)));
}

function makerOf(keys: KnownFwknop['keys'] | FwknopStanza['keys']): Uint8Array {
  if ('key' in keys) return keys.key;
  return utf8('configured' in keys ? keys.configured.signer : keys.open.signer.getFingerprint());
}

async function gpgKeysOf({ hmac, privateKey, passphrase, signers, configured }: GpgTexts): Promise<GpgKeys> {
  const pgp = await library();
  const recipient = await readGpgPrivateKey(pgp, privateKey, 'encryption', passphrase);
  const signer = await readGpgPublicKey(pgp, signers, 'signatures', configured.signer);
  const open: GpgOpeningKeys = {
    recipient: expectKey(recipient, configured.keyFile, {
      malformed: 'Expected one private key, as `gpg --armor --export-secret-keys` writes it.',
      'not-for-this': 'The key is not made to be encrypted to.',
      'passphrase-missing': 'The key has a passphrase, and the stanza no gpg_passphrase_file.',
      'passphrase-wrong': `It is not opened by what is in ${configured.passphraseFile}.`,
    }),
    signer: expectKey(signer, configured.signerFile, {
      malformed: `Expected a public key with the fingerprint ${configured.signer}, as \`gpg --armor --export\` writes it.`,
      'not-for-this': 'The key is not made for signatures.',
    }),
  };
  const isRsa = open.recipient.getKeys().every((key) => /^rsa/i.test(key.getAlgorithmInfo().algorithm));
  return { hmac, pgp, open, isRsa, admission: new Admission() };
}

async function library(): Promise<OpenPgp> {
  try {
    return await loadOpenPgp();
  } catch (error) {
    throw partMissing('openpgp.min.cjs', reasonOf(error));
  }
}

function expectKey<Key>(read: ReadGpgKey<Key>, path: string, why: Partial<Record<GpgKeyRefusal, string>>): Key {
  if (read.ok) return read.key;
  throw gpgKeyUnusable(path, why[read.reason] ?? read.reason);
}
