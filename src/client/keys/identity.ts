import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Problem } from '../../base/problem.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { WindowsAccess } from '../../os/windows-access.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { formatKey, newPrivateKey, parseSecretKey } from '../../spa/keys.ts';
import {
  fileUnusable,
  keyExists,
  keyMalformed,
  keyMissing,
  keyNotOwn,
  keyReadableByOthers,
  keyUnreadable,
} from '../problems.ts';

/** Only account that may read files with secrets: a user id, or on Windows, which has none, a check of who can open a file. */
export type Owner = number | WindowsAccess;

/**
 * Makes a key file with a new key.
 * @returns the private key, 32 bytes
 * @throws Problem as `writeKeyFile`
 */
export function createKeyFile(path: string, owner: Owner, crypto: CryptoProvider): Uint8Array {
  const key = newPrivateKey(crypto);
  writeKeyFile(path, owner, key);
  return key;
}

/**
 * Writes a key file for its owner alone: mode 0600, in a new folder of mode 0700 if needed. Never overwrites.
 * @param key 32 bytes
 * @throws Problem `key-exists`, `file-unusable`; on Windows `key-access-unknown`
 */
export function writeKeyFile(path: string, owner: Owner, key: Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeNewFile(path, owner, `${formatKey(key)}\n`);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    // EEXIST is also the code for a file where a folder is expected.
    throw code === 'EEXIST' && existsSync(path) ? keyExists(path) : fileUnusable(path, code);
  }
}

function writeNewFile(path: string, owner: Owner, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    // The access is set while the file is empty.
    if (typeof owner !== 'number') owner.makePrivate(path);
    writeSync(file, text);
    fsyncSync(file);
  } catch (error) {
    // Half a key would block the next attempt.
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/**
 * Reads a file with a secret, a private key or a psk: 32 bytes as base64url.
 * @throws Problem `key-missing`, `key-unreadable`, `key-readable-by-others`, `key-not-own`, `key-malformed`, on Windows `key-
 * access-unknown`; none quotes the file
 */
export function readSecretFile(path: string, owner: Owner, missing = keyMissing): Uint8Array {
  const key = parseSecretKey(readOwnText(path, owner, { missing }) ?? '');
  if (key === undefined) throw keyMalformed(path);
  return key;
}

/** Owner and size limit of a text that is for its owner alone. */
export interface OwnText {
  /** Limit in bytes; by default two keys of fwknop with comments fit. */
  readonly most?: number;
  /** Another user who may own it: the one who ran sudo. */
  readonly alsoUid?: number | undefined;
  /** Error when there is no file. */
  readonly missing?: (path: string) => Problem;
}

/**
 * Reads a short text that nobody else can read.
 * @returns the text without white space around it; undefined when it is longer
 * @throws Problem as `readSecretFile`, but for `key-malformed`
 */
export function readOwnText(
  path: string,
  owner: Owner,
  { most = MOST_BYTES, alsoUid, missing = keyMissing }: OwnText = {},
): string | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw code === 'ENOENT' ? missing(path) : keyUnreadable(path, code);
  }
  try {
    // The open file is checked, not the path: nobody can swap it in between.
    const { mode, uid, size } = fstatSync(file);
    if (typeof owner !== 'number') owner.assertPrivate(path);
    else if (uid !== owner && uid !== alsoUid) throw keyNotOwn(path, uid, owner);
    else if ((mode & 0o077) !== 0) throw keyReadableByOthers(path, mode);
    return size > most ? undefined : readFileSync(file, 'latin1').trim();
  } catch (error) {
    const code = systemErrorCode(error);
    throw code === undefined ? error : keyUnreadable(path, code);
  } finally {
    closeSync(file);
  }
}

/** Two keys of fwknop, with comments and white space. */
const MOST_BYTES = 1024;
