import type { DecryptMessageResult, PartialConfig, PrivateKey, PublicKey } from 'openpgp';
import type { OpenPgp } from './openpgp.ts';
import { isSealedMessage, withOldHeader } from './openpgp-framing.ts';

/** A private key, unlocked: it decrypts or signs. */
export type GpgPrivateKey = PrivateKey;
/** A public key: it encrypts, or checks a signature. */
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

/** The time at which a server opens a message. */
export interface GpgOpeningTime {
  /** Unix milliseconds. */
  readonly now: number;
  /** How many milliseconds a signature may be older or newer. */
  readonly toleranceMs: number;
}

/** Limit of a decompressed message, in bytes; more than any real message has. */
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
 * @param fingerprint of the wanted key, 40 or 64 hexadecimal digits in small letters; undefined when the file has one key
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
    // Its age is not checked here: a key may expire while a program runs. `isGoodNow` checks it for each message.
    await (use === 'encryption' ? key.getEncryptionKey(undefined, null) : key.getSigningKey(undefined, null));
    return { ok: true, key };
  } catch {
    return { ok: false, reason: 'not-for-this' };
  }
}

/**
 * Encrypts and signs, with the header that fwknop expects.
 * @param date time of the signature, which the server compares with its clock and with the keys' lifetimes
 * @returns a binary OpenPGP message (RFC 9580)
 * @throws the library's error when a key is expired, revoked or not made for this use
 */
export async function sealGpg(
  pgp: OpenPgp,
  { recipient, signer }: GpgSealingKeys,
  plaintext: Uint8Array,
  date: Date,
): Promise<Uint8Array> {
  // fwknopd takes 1,500 characters at most, and these two settings save a hundred. A deterministic signature is harmless
  // here: every message has random digits in it.
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
 * @returns undefined unless the message is encrypted to `recipient` and signed by `signer`, whole and unchanged, about now
 * and with a key
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
    // A signature's time is in whole seconds.
    const since = Math.floor(now / 1000) * 1000 - toleranceMs;
    for (const signature of signatures) if (await isGoodNow(signer, signature, now, since)) return data;
    return undefined;
  } catch {
    // The library throws when a message is malformed, unsigned, or encrypted to somebody else.
    return undefined;
  }
}

/**
 * Whether a signature is valid, not older than `since`, and of a key that has not expired by now. The library judges a key
 * by the signature's own time, which the holder of an expired key can choose.
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
