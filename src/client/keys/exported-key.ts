import { chmodSync, readFileSync } from 'node:fs';
import { Problem } from '../../base/problem.ts';
import { replaceFile } from '../../os/atomic-file.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { formatGateLine, type GateEnrolment, parseGateLine, parseName } from '../../spa/enrolment.ts';
import { formatKey, parseSecretKey } from '../../spa/keys.ts';
import { parsePlainDestination } from '../../ssh/destination.ts';
import { fileUnusable, sealedFileInvalid } from '../problems.ts';
import { type SealingIo, type SealKey, type Secrets, seal, unseal } from './sealed-key-file.ts';

/*
 * A key on its way to another computer: an export, or the recovery key of a gate. It is a sealed file (sealed-key-file.ts) with these
 * texts in it:
 *
 *   identity      what the key is called
 *   key           the private key, base64url
 *   gate/NAME     the line of a gate that knows the key
 *   login/NAME    how to log in to that host: an ssh URI, ssh://user@host:port
 */

/** Content of such a file. */
export interface ExportedKey {
  readonly identity: string;
  readonly key: Uint8Array;
  /** Hosts that open to the key, by name. */
  readonly hosts: ReadonlyMap<string, ExportedHost>;
}

export interface ExportedHost {
  readonly gate: GateEnrolment;
  /** `ssh://user@host:port` */
  readonly login: string;
}

const [IDENTITY, KEY, GATE, LOGIN] = ['identity', 'key', 'gate/', 'login/'];
/** Longer than any user, host and port. */
const LONGEST_LOGIN = 300;

/**
 * Writes the file with mode 0600, and replaces an existing one.
 * @param suffix of a temporary file beside it: anything unique
 * @throws Problem `file-unusable`
 */
export function writeExportedKey(
  path: string,
  exported: ExportedKey,
  sealKey: SealKey,
  io: SealingIo,
  suffix: string,
): string {
  const text = seal(secretsOf(exported), sealKey, io);
  try {
    replaceFile(path, text, suffix, true);
    // A replaced file had a mode of its own.
    chmodSync(path, 0o600);
  } catch (error) {
    const code = systemErrorCode(error);
    throw code === undefined ? error : fileUnusable(path, code);
  }
  return text;
}

/** Whether a file is, or once was, written by sealed-key-file.ts. */
export function isSealedFile(path: string): boolean {
  return readSealedText(path).startsWith('knockgate-sealed ');
}

/** @throws Problem `file-unusable` */
export function readSealedText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const code = systemErrorCode(error);
    throw code === undefined ? error : fileUnusable(path, code);
  }
}

/**
 * Opens an exported key.
 * @param text content of the file `where`
 * @throws Problem `sealed-file-invalid`, `sealed-file-newer`, `passphrase-wrong`
 */
export async function openExportedKey(
  text: string,
  passphrase: string,
  where: string,
  io: SealingIo,
): Promise<{ readonly exported: ExportedKey; readonly sealKey: SealKey }> {
  const { secrets, sealKey } = await unseal(text, passphrase, where, io);
  const exported = parse(secrets);
  if (exported === undefined) throw sealedFileInvalid(where);
  return { exported, sealKey };
}

function secretsOf({ identity, key, hosts }: ExportedKey): Secrets {
  const ofHosts = [...hosts].flatMap(([name, { gate, login }]): [string, string][] => [
    [`${GATE}${name}`, formatGateLine(gate)],
    [`${LOGIN}${name}`, login],
  ]);
  return new Map([[IDENTITY, identity], [KEY, formatKey(key)], ...ofHosts]);
}

/**
 * Reads the secrets; undefined when they are something else. Their author knew the passphrase, but they are read strictly all the
 * same.
 */
function parse(secrets: Secrets): ExportedKey | undefined {
  const key = parseSecretKey(secrets.get(KEY) ?? '');
  if (key === undefined) return undefined;
  const hosts = new Map<string, ExportedHost>();
  try {
    const identity = parseName(secrets.get(IDENTITY) ?? '');
    for (const [field, line] of secrets) {
      if (!field.startsWith(GATE)) continue;
      const name = parseName(field.slice(GATE.length));
      const login = secrets.get(`${LOGIN}${name}`) ?? '';
      if (!isLogin(login)) return undefined;
      hosts.set(name, { gate: parseGateLine(line), login });
    }
    return { identity, key, hosts };
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** Whether a text is a login. It is strict, since it becomes part of a command that people paste. */
function isLogin(text: string): boolean {
  return text.startsWith('ssh://') && text.length <= LONGEST_LOGIN && parsePlainDestination(text) !== undefined;
}
