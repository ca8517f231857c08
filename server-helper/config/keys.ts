import { createHmac } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { toBase64Url } from '../../src/base/bytes.ts';
import type { Digest, Mode } from '../../src/fwknop/algorithms.ts';
import { parseHmacKeyFile, parseKeyFile } from '../../src/fwknop/key-file.ts';
import type { PacketKeys } from '../../src/fwknop/packet.ts';
import type { PacketHmac } from '../../src/fwknop/packet-text.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import { formatKey, newPrivateKey, parseSecretKey } from '../../src/spa/keys.ts';
import {
  fileUnreadable,
  fileUnwritable,
  fwknopKeysMalformed,
  gpgHmacKeyMalformed,
  keyMalformed,
  keyMissing,
  keyOfAnotherMachine,
  secretExposed,
} from '../problems.ts';
import type { ConfiguredGpg } from './gpg-config.ts';

/** Mark of the machine that a gate's key is bound to, so that a cloned machine does not open for the original's knocks. */
export type MachineMark = string;

const NO_MACHINE = '-';
const OTHERS = 0o007;

/** The mark of this machine: derived from machine-id(5), which others should not see itself; `-` without one. */
export function machineMark(path = '/etc/machine-id'): MachineMark {
  try {
    const id = readFileSync(path, 'latin1').trim();
    if (id === '') return NO_MACHINE;
    return toBase64Url(createHmac('sha256', id).update('knockgate machine').digest().subarray(0, 16));
  } catch {
    return NO_MACHINE;
  }
}

/**
 * Reads the gate's private key: one line `knockgate1 gate-key KEY MACHINE`.
 * @throws Problem `key-missing`, `key-malformed`, `key-cloned`, `secret-exposed`, `file-unreadable`
 */
export function readGateKey(path: string, machine: MachineMark): Uint8Array {
  const { key, mark, until } = readKeyLine(path);
  if (until !== undefined) throw keyMalformed(path);
  if (mark !== machine && mark !== NO_MACHINE && machine !== NO_MACHINE) throw keyOfAnotherMachine(path);
  return key;
}

/** Makes the gate's key; never replaces one that is there unless `replace`. */
export function makeGateKey(crypto: CryptoProvider, path: string, machine: MachineMark, replace: boolean): Uint8Array {
  const key = newPrivateKey(crypto);
  writeKeyLine(path, key, machine, replace);
  return key;
}

/** Binds a key that was made elsewhere to this machine: for one that was moved or reinstalled. */
export function adoptGateKey(path: string, machine: MachineMark): Uint8Array {
  const { key } = readKeyLine(path);
  writeKeyLine(path, key, machine, true);
  return key;
}

/** The previous key of the gate, which clients may use until they have the new one. */
export interface PreviousKey {
  readonly key: Uint8Array;
  /** Unix milliseconds. */
  readonly until: number;
}

/**
 * Reads the previous key: a line like that of the gate's key, followed by the unix second at which the key ends. The machine
 * is checked by the gate's own key.
 * @returns undefined when there is none
 * @throws Problem `key-malformed`, `secret-exposed`, `file-unreadable`
 */
export function readPreviousKey(path: string): PreviousKey | undefined {
  if (!existsSync(path)) return undefined;
  const { key, until } = readKeyLine(path);
  if (until === undefined) throw keyMalformed(path);
  return { key, until };
}

/**
 * Makes a new key for the gate. The present one stays good until then, as the previous key.
 * @param until unix milliseconds
 */
export function rotateGateKey(crypto: CryptoProvider, paths: KeyPaths, machine: MachineMark, until: number): void {
  // In this order: if it is interrupted anywhere, every key that a client may have is in one of the two files.
  writeKeyLine(paths.previousKey, readGateKey(paths.key, machine), dated(machine, until), true);
  makeGateKey(crypto, paths.key, machine, true);
}

/**
 * Swaps the two keys: the previous one is the gate's own again. The new one, which some clients may have, stays good until
 * the previous one would have ended.
 */
export function rotateGateKeyBack(paths: KeyPaths, machine: MachineMark, { key, until }: PreviousKey): void {
  const newer = readGateKey(paths.key, machine);
  const lines = [
    { path: paths.key, key, behind: machine },
    { path: paths.previousKey, key: newer, behind: dated(machine, until) },
  ];
  writeKeyLines(lines, true);
}

/** @param until unix milliseconds */
function dated(machine: MachineMark, until: number): string {
  return `${machine} ${Math.floor(until / 1000)}`;
}

/** Ends a rotation: the previous key is no longer good. */
export function forgetPreviousKey(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw fileUnwritable(path, error);
  }
}

/** Where the gate's keys are. */
interface KeyPaths {
  readonly key: string;
  readonly previousKey: string;
}

/**
 * Reads a psk: 43 characters of base64url.
 * @throws Problem `key-malformed`, `secret-exposed`, `file-unreadable`
 */
export function readPsk(path: string): Uint8Array {
  const psk = parseSecretKey(readSecret(path).trim());
  if (psk === undefined) throw keyMalformed(path);
  return psk;
}

/**
 * Reads the keys of a `[[fwknop]]`: lines as `fwknop --key-gen` prints them.
 * @throws Problem `fwknop-keys-malformed`, `secret-exposed`, `file-unreadable`
 */
export function readFwknopKeys({ keyFile, mode, hmac, gpg }: FwknopKeyFiles): PacketKeys | GpgTexts {
  if (gpg !== undefined) return readGpgTexts(keyFile, hmac, gpg);
  const secrets = parseKeyFile(readSecret(keyFile));
  // The HMAC's key and its algorithm must both be set or both be absent: anything else is a mistake.
  if (secrets === undefined || (secrets.hmacKey === undefined) !== (hmac === undefined))
    throw fwknopKeysMalformed(keyFile, hmac !== undefined);
  const { key, hmacKey } = secrets;
  return { key, mode, hmac: hmac === undefined || hmacKey === undefined ? undefined : { digest: hmac, key: hmacKey } };
}

function readGpgTexts(keyFile: string, digest: Digest | undefined, gpg: ConfiguredGpg): GpgTexts {
  const hmacKey = parseHmacKeyFile(readSecret(keyFile));
  if (hmacKey === undefined || digest === undefined) throw gpgHmacKeyMalformed(keyFile);
  return {
    hmac: { digest, key: hmacKey },
    privateKey: readSecret(gpg.keyFile),
    // Editors put a line end behind the passphrase.
    passphrase: gpg.passphraseFile === undefined ? undefined : readSecret(gpg.passphraseFile).replace(/\r?\n$/, ''),
    signers: readText(gpg.signerFile),
    configured: gpg,
  };
}

/** The texts of the files that a `[[fwknop]]` with OpenPGP keys names. To parse them needs the library. */
export interface GpgTexts {
  readonly hmac: PacketHmac;
  /** ASCII-armoured. */
  readonly privateKey: string;
  readonly passphrase: string | undefined;
  /** ASCII-armoured. */
  readonly signers: string;
  readonly configured: ConfiguredGpg;
}

/** Where the keys of a `[[fwknop]]` are, and what they are for. */
interface FwknopKeyFiles {
  readonly gpg: ConfiguredGpg | undefined;
  readonly keyFile: string;
  readonly mode: Mode;
  readonly hmac: Digest | undefined;
}

function readKeyLine(path: string): { key: Uint8Array; mark: string; until: number | undefined } {
  const [version, kind, text, mark, until, ...rest] = readSecret(path, keyMissing(path)).trim().split(' ');
  const key = parseSecretKey(text ?? '');
  const isDated = until === undefined || /^[0-9]{1,12}$/.test(until);
  if (version !== 'knockgate1' || kind !== 'gate-key' || key === undefined || mark === undefined)
    throw keyMalformed(path);
  if (!isDated || rest.length > 0) throw keyMalformed(path);
  return { key, mark, until: until === undefined ? undefined : Number(until) * 1000 };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fileUnreadable(path, error);
  }
}

function readSecret(path: string, missing?: Error): string {
  try {
    if ((statSync(path).mode & OTHERS) !== 0) throw secretExposed(path);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw error.code === 'ENOENT' && missing !== undefined ? missing : fileUnreadable(path, error);
  }
}

function writeKeyLine(path: string, key: Uint8Array, behind: string, replace: boolean): void {
  writeKeyLines([{ path, key, behind }], replace);
}

interface KeyLine {
  readonly path: string;
  readonly key: Uint8Array;
  /** Rest of the line behind the key: the machine's mark, and for a previous key the time until which it is good. */
  readonly behind: string;
}

/** All lines are on the disk before the first file is replaced: a full disk loses no key. */
function writeKeyLines(lines: readonly KeyLine[], replace: boolean): void {
  const temporary = (path: string): string => `${path}.new`;
  try {
    for (const line of lines) keepKeyLine(temporary(line.path), line);
    for (const { path } of lines) {
      if (replace) renameSync(temporary(path), path);
      else linkSync(temporary(path), path);
    }
  } catch (error) {
    throw fileUnwritable(lines[0]?.path ?? '', error);
  } finally {
    for (const { path } of lines) rmSync(temporary(path), { force: true });
  }
}

function keepKeyLine(file: string, { key, behind }: KeyLine): void {
  rmSync(file, { force: true });
  const fd = openSync(file, 'wx', 0o640);
  try {
    // The daemon's group must be able to read it, whatever the umask is.
    fchmodSync(fd, 0o640);
    writeFileSync(fd, `knockgate1 gate-key ${formatKey(key)} ${behind}\n`);
    // A power cut must leave the old key or this one, not an empty file.
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  // The folder belongs to the group that the daemon runs as, and that group must read the key.
  chownSync(file, -1, statSync(dirname(file)).gid);
}
