import { concat, copyOf, fromBase64Url, toBase64Url, utf8 } from '../../base/bytes.ts';
import { parseJson } from '../../base/loose-json.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { passphraseWrong, sealedFileInvalid, sealedFileNewer } from '../problems.ts';

/*
 * A file of secrets under a passphrase: what is exported, and what the keys are kept in where there is no keyring. Two
 * lines of text, so that it survives mail and clipboards:
 *
 *   knockgate-sealed 1 scrypt-131072-8-1 aes-256-gcm
 *   BASE64URL( salt 16 | nonce 12 | AES-256-GCM of a JSON object of texts, tag last )
 *
 * The version fixes everything: a file cannot ask for a weaker derivation, or for one that takes all memory. The first
 * line and the salt are authenticated with the rest.
 */

const FIRST_WORD = 'knockgate-sealed';
const HEADER = `${FIRST_WORD} 1 scrypt-131072-8-1 aes-256-gcm\n`;
const SALT_LENGTH = 16;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
/** Least characters of a passphrase. The derivation makes guesses expensive, not impossible. */
export const LEAST_PASSPHRASE = 12;
/** Longest file: keys are few, so a longer one is something else. */
const MOST_CHARACTERS = 1 << 20;

/** scrypt (RFC 7914) with N = 2^17, r = 8, p = 1, to 32 bytes: half a second and 128 MB for each guess. */
export type DeriveKey = (passphrase: Uint8Array, salt: Uint8Array) => Promise<Uint8Array>;

export interface SealingIo {
  readonly crypto: Pick<CryptoProvider, 'randomBytes' | 'seal' | 'open'>;
  readonly deriveKey: DeriveKey;
}

/** Key derived from a passphrase: kept while the file may be written again without asking for it. */
export interface SealKey {
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

/** Secrets by name. */
export type Secrets = ReadonlyMap<string, string>;

/** Makes a fresh key for a new file. */
export function newSealKey(passphrase: string, io: SealingIo): Promise<SealKey> {
  return sealKey(passphrase, io.crypto.randomBytes(SALT_LENGTH), io);
}

/** Writes the text of a sealed file. */
export function seal(secrets: Secrets, { salt, key }: SealKey, { crypto }: SealingIo): string {
  const nonce = crypto.randomBytes(NONCE_LENGTH);
  const plaintext = utf8(JSON.stringify(Object.fromEntries(secrets)));
  const sealed = crypto.seal(key, nonce, associated(salt), plaintext);
  return `${HEADER}${toBase64Url(concat(salt, nonce, sealed))}\n`;
}

/**
 * Opens a sealed file.
 * @param where name of the file in errors
 * @throws Problem `sealed-file-invalid`, `sealed-file-newer`, `passphrase-wrong`: none quotes the file
 */
export async function unseal(
  text: string,
  passphrase: string,
  where: string,
  io: SealingIo,
): Promise<{ readonly secrets: Secrets; readonly sealKey: SealKey }> {
  const { salt, nonce, sealed } = parse(text, where);
  const derived = await sealKey(passphrase, salt, io);
  return { secrets: parseSecrets(open(sealed, nonce, derived, where, io), where), sealKey: derived };
}

/**
 * Opens a sealed file at once, with the key that was derived from its passphrase.
 * @returns undefined when the file is under another passphrase by now
 * @throws Problem as `unseal`
 */
export function unsealWith(sealKey: SealKey, text: string, where: string, io: SealingIo): Secrets | undefined {
  const { salt, nonce, sealed } = parse(text, where);
  if (toBase64Url(salt) !== toBase64Url(sealKey.salt)) return undefined;
  return parseSecrets(open(sealed, nonce, sealKey, where, io), where);
}

function open(sealed: Uint8Array, nonce: Uint8Array, { salt, key }: SealKey, where: string, io: SealingIo): string {
  try {
    return new TextDecoder().decode(io.crypto.open(key, nonce, associated(salt), sealed));
  } catch {
    throw passphraseWrong(where);
  }
}

function parse(text: string, where: string): { salt: Uint8Array; nonce: Uint8Array; sealed: Uint8Array } {
  if (!text.startsWith(HEADER)) throw isNewer(text) ? sealedFileNewer(where) : sealedFileInvalid(where);
  if (text.length > MOST_CHARACTERS || !text.endsWith('\n')) throw sealedFileInvalid(where);
  const bytes = fromBase64Url(text.slice(HEADER.length, -1));
  const inFront = SALT_LENGTH + NONCE_LENGTH;
  // An empty object is two bytes.
  if (bytes === undefined || bytes.length < inFront + 2 + TAG_LENGTH) throw sealedFileInvalid(where);
  return {
    salt: copyOf(bytes, 0, SALT_LENGTH),
    nonce: copyOf(bytes, SALT_LENGTH, inFront),
    sealed: copyOf(bytes, inFront),
  };
}

function isNewer(text: string): boolean {
  return new RegExp(`^${FIRST_WORD} [1-9][0-9]{0,5} `).test(text) && !text.startsWith(`${FIRST_WORD} 1 `);
}

/** Reads the secrets as strictly as any other text, although their author knew the passphrase. */
function parseSecrets(text: string, where: string): Secrets {
  const secrets = new Map<string, string>();
  const record = parseJson(text);
  if (typeof record !== 'object' || record === null || Array.isArray(record)) throw sealedFileInvalid(where);
  for (const [name, value] of Object.entries(record)) {
    if (typeof value !== 'string') throw sealedFileInvalid(where);
    secrets.set(name, value);
  }
  return secrets;
}

async function sealKey(passphrase: string, salt: Uint8Array, { deriveKey }: SealingIo): Promise<SealKey> {
  // Keyboards of different systems write one letter as different code points.
  return { salt, key: await deriveKey(utf8(passphrase.normalize('NFC')), salt) };
}

function associated(salt: Uint8Array): Uint8Array {
  return concat(utf8(HEADER), salt);
}
