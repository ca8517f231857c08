import type { DecryptMessageResult, PartialConfig, PrivateKey, PublicKey } from 'openpgp';
import type { OpenPgp } from './openpgp.ts';
import { isSealedMessage, withOldHeader } from './openpgp-framing.ts';

/** A key that opens or signs, unlocked. */
export type GpgPrivateKey = PrivateKey;
/** A key that seals, or that a signature is checked with. */
export type GpgPublicKey = PublicKey;

export interface GpgSealingKeys {
  /** The server's. */
  readonly recipient: GpgPublicKey;
  /** The client's own; undefined for a server that takes unsigned messages. */
  readonly signer: GpgPrivateKey | undefined;
}

export interface GpgOpeningKeys {
  /** The server's own. */
  readonly recipient: GpgPrivateKey;
  /** The client's. */
  readonly signer: GpgPublicKey;
}

/** When a server opens. */
export interface GpgOpeningTime {
  /** Unix milliseconds. */
  readonly now: number;
  /** How far from it a signature may be, both ways. */
  readonly toleranceMs: number;
}

/** More than any message holds: what is compressed may not become more. */
const LONGEST_PLAINTEXT = 10_000;

export type GpgUse = 'encryption' | 'signatures';

/** Reason why a key cannot be used. */
export type GpgKeyRefusal = 'malformed' | 'not-for-this' | 'passphrase-missing' | 'passphrase-wrong';

export type ReadGpgKey<Key> =
  | { readonly ok: true; readonly key: Key }
  | { readonly ok: false; readonly reason: GpgKeyRefusal };

/**
 * Reads a private key, ASCII-armoured as `gpg --armor --export-secret-keys` writes it, and unlocks it.
 * @param passphrase undefined for a key without one
 */
export async function readGpgPrivateKey(
  pgp: OpenPgp,
  armoured: string,
  use: GpgUse,
  passphrase: string | undefined,
): Promise<ReadGpgKey<GpgPrivateKey>> {
  const keys = await pgp.readPrivateKeys({ armoredKeys: armoured }).catch(() => []);
  const found = await onlyKey(keys, use);
  if (!found.ok || found.key.isDecrypted()) return found;
  if (passphrase === undefined) return { ok: false, reason: 'passphrase-missing' };
  try {
    return { ok: true, key: await pgp.decryptKey({ privateKey: found.key, passphrase }) };
  } catch {
    return { ok: false, reason: 'passphrase-wrong' };
  }
}

/**
 * Reads a public key out of an ASCII-armoured file, as `gpg --armor --export` writes it.
 * @param fingerprint which one, 40 or 64 hexadecimal digits in small letters; undefined when there is but one
 */
export async function readGpgPublicKey(
  pgp: OpenPgp,
  armoured: string,
  use: GpgUse,
  fingerprint?: string,
): Promise<ReadGpgKey<GpgPublicKey>> {
  const keys = await pgp.readKeys({ armoredKeys: armoured }).catch(() => []);
  const wanted = keys.filter((key) => fingerprint === undefined || key.getFingerprint() === fingerprint);
  return await onlyKey(
    wanted.map((key) => key.toPublic()),
    use,
  );
}

async function onlyKey<Key extends PublicKey>(keys: readonly Key[], use: GpgUse): Promise<ReadGpgKey<Key>> {
  const [key, ...others] = keys;
  if (key === undefined || others.length > 0) return { ok: false, reason: 'malformed' };
  try {
    // Whatever its age: a key may expire while a program runs, which its messages then show.
    await (use === 'encryption' ? key.getEncryptionKey(undefined, null) : key.getSigningKey(undefined, null));
    return { ok: true, key };
  } catch {
    return { ok: false, reason: 'not-for-this' };
  }
}

/**
 * Encrypts and signs, with the header that fwknop expects.
 * @param date when it is signed, which the server compares with its own clock and the keys' lives
 * @returns a binary OpenPGP message (RFC 9580)
 * @throws the library's error when a key cannot do it: expired, revoked, or not made for it
 */
export async function sealGpg(
  pgp: OpenPgp,
  { recipient, signer }: GpgSealingKeys,
  plaintext: Uint8Array,
  date: Date,
): Promise<Uint8Array> {
  // fwknopd takes 1,500 characters, and these save a hundred. No message is signed twice: each has random digits in it.
  const config: PartialConfig & { nonDeterministicSignaturesViaNotation: boolean } = {
    preferredCompressionAlgorithm: pgp.enums.compression.zlib,
    nonDeterministicSignaturesViaNotation: false,
  };
  const message = await pgp.createMessage({ binary: plaintext, date });
  const signing = signer === undefined ? {} : { signingKeys: signer };
  const sealed = await pgp.encrypt({ message, encryptionKeys: recipient, ...signing, date, format: 'binary', config });
  return withOldHeader(sealed);
}

/**
 * Opens a message and checks its signature. Never throws on what came from the wire.
 * @returns undefined unless it is encrypted to `recipient` and signed by `signer`, whole and unchanged, about now and with a key
 *   that is good now
 */
export async function openGpg(
  pgp: OpenPgp,
  { recipient, signer }: GpgOpeningKeys,
  sealed: Uint8Array,
  { now, toleranceMs }: GpgOpeningTime,
): Promise<Uint8Array | undefined> {
  if (!isSealedMessage(sealed)) return undefined;
  const config: PartialConfig = { maxDecompressedMessageSize: LONGEST_PLAINTEXT };
  try {
    const message = await pgp.readMessage({ binaryMessage: sealed, config });
    const { data, signatures } = await pgp.decrypt({
      message,
      decryptionKeys: recipient,
      verificationKeys: signer,
      expectSigned: true,
      format: 'binary',
      date: new Date(now + toleranceMs),
      config,
    });
    // Signatures name whole seconds.
    const since = Math.floor(now / 1000) * 1000 - toleranceMs;
    for (const signature of signatures) if (await isGoodNow(signer, signature, now, since)) return data;
    return undefined;
  } catch {
    // The library says by an error that a message is not for us, not signed, or none at all.
    return undefined;
  }
}

/**
 * Whether a signature holds that is not older than `since`, of a key that has not expired. The library judges keys by the time that
 * the signature names, which the holder of an old key may choose.
 */
async function isGoodNow(
  signer: GpgPublicKey,
  { keyID, signature, verified }: DecryptMessageResult['signatures'][number],
  now: number,
  since: number,
): Promise<boolean> {
  try {
    await verified;
    await signer.getSigningKey(keyID, new Date(now));
    const { packets } = await signature;
    return packets.every(({ created }) => created !== null && created.getTime() >= since);
  } catch {
    return false;
  }
}
