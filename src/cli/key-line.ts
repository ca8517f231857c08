import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { equalConstantTime, toBase64Url } from '../base/bytes.ts';
import { Problem } from '../base/problem.ts';
import { createKeyFile } from '../client/keys/identity.ts';
import { usualName } from '../client/keys/key-name.ts';
import { fileUnusable } from '../client/problems.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { replaceFile } from '../os/atomic-file.ts';
import { systemErrorCode } from '../os/system-error.ts';
import type { CryptoProvider } from '../spa/crypto.ts';
import { formatClientLine, parseClientLine, parseName } from '../spa/enrolment.ts';
import type { Shell } from './shell.ts';

/** Public half of a key, as the gate's owner needs it. */
export interface KeyLine {
  readonly name: string;
  readonly key: Uint8Array;
  /** `knockgate1 client KEY NAME` */
  readonly line: string;
}

/**
 * The enrolment line of a private key.
 * @param name `--name`, checked already
 */
export function keyLine(crypto: CryptoProvider, privateKey: Uint8Array, name: string): KeyLine {
  const key = crypto.publicKey(privateKey);
  return { name, key, line: formatClientLine({ key, name }) };
}

/**
 * Makes a key file, and beside it `FILE.pub` with the enrolment line: the name that the key was given is remembered there.
 * @returns the private key, 32 bytes
 * @throws Problem as `writeKeyFile`
 */
export function createNamedKey(path: string, name: string, shell: Shell): Uint8Array {
  const privateKey = createKeyFile(path, shell.owner, shell.crypto);
  const { line } = keyLine(shell.crypto, privateKey, name);
  try {
    replaceFile(linePath(path), `${line}\n`, toBase64Url(shell.crypto.randomBytes(9)), true);
  } catch (error) {
    const code = systemErrorCode(error);
    throw code === undefined ? error : fileUnusable(linePath(path), code);
  }
  return privateKey;
}

/** Name for a new key: `--name`, else user and computer. */
export function newKeyName(path: string, args: Arguments, shell: Shell): string {
  const asked = args.value('name');
  return asked === undefined ? defaultName(path, shell) : parseName(asked, '--name');
}

/** Name that a key was given when it was made; for a key without a line beside it, the default name. */
export function nameOfKey(path: string, privateKey: Uint8Array, shell: Shell): string {
  try {
    const { key, name } = parseClientLine(readFileSync(linePath(path), 'latin1'));
    if (equalConstantTime(key, shell.crypto.publicKey(privateKey))) return name;
  } catch (error) {
    // A file that is missing or has other content names nothing; only the key itself matters.
    if (!(error instanceof Problem) && systemErrorCode(error) === undefined) throw error;
  }
  return defaultName(path, shell);
}

/** Default name: user and computer, and the name of the file unless it is the usual key. */
export function defaultName(path: string, shell: Shell): string {
  const file = basename(path);
  const name = usualName(shell.userName(), shell.hostName());
  return file === USUAL_KEY ? name : usualName(name.slice(0, 40), file);
}

/** The name of the file of a device's usual key. */
const USUAL_KEY = 'id';

function linePath(path: string): string {
  return `${path}.pub`;
}
