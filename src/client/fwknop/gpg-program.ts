import { spawn } from 'node:child_process';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { text } from 'node:stream/consumers';
import { writtenByOthers } from '../../fwknop/gpg-folder.ts';
import { type GpgListing, parseGpgListing } from '../../fwknop/gpg-listing.ts';
import { findProgram } from '../../os/find-program.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { fileUnusable } from '../problems.ts';
import { gpgFailed, gpgFolderOfOthers } from './problems.ts';

/** Key that gpg exports, and how it gets at it. */
export interface GpgExport {
  /** Name of the key: a fingerprint, an address, or anything else that gpg accepts. */
  readonly key: string;
  readonly secret: boolean;
  /** GnuPG's folder, which a file of somebody else may have named; undefined: the usual one. */
  readonly home: string | undefined;
  /** Passphrase, passed through a pipe; undefined: gpg's agent asks for one if it is needed. */
  readonly passphrase: string | undefined;
  /** Signal that ends gpg; the export then rejects with an AbortError. */
  readonly signal?: AbortSignal;
}

/** A key that gpg has. */
export type ListedGpgKey = Pick<GpgListing, 'fingerprint' | 'user'>;

type Env = Readonly<Record<string, string | undefined>>;

/** Milliseconds for a listing, which asks nobody. */
const LIST_AT_MOST_MS = 10_000;

/**
 * Exports a key by gpg, ASCII-armoured. A private key stays locked with its passphrase, if it has one.
 * @param env environment in which gpg finds its terminal and its folder
 * @throws Problem `gpg-failed`; `gpg-folder-of-others`, `file-unusable`
 */
export async function exportGpgKey({ key, secret, home, passphrase, signal }: GpgExport, env: Env): Promise<string> {
  if (home !== undefined) expectOwn(home);
  const where = home === undefined ? [] : ['--homedir', home];
  const unlock = passphrase === undefined ? [] : ['--batch', '--pinentry-mode', 'loopback', '--passphrase-fd', '0'];
  const what = secret ? '--export-secret-keys' : '--export';
  const input = passphrase === undefined ? '' : `${passphrase}\n`;
  const ran = await runGpg([...where, ...unlock, '--armor', what, '--', key], { env, input, signal });
  if (ran.code === 0 && ran.output !== '') return ran.output;
  throw gpgFailed(key, ran.said);
}

/**
 * Refuses folders that others can write to: gpg runs programs that settings in its folder name (gpg(1), `agent-program`). Windows
 * has no modes, and is not checked.
 */
function expectOwn(home: string): void {
  if (!isAbsolute(home)) throw gpgFolderOfOthers(home, undefined);
  const uid = process.getuid?.();
  if (uid === undefined) return;
  let others: string | undefined;
  try {
    others = writtenByOthers(realpathSync(home), uid, { statSync, readdirSync });
  } catch (error) {
    throw fileUnusable(home, systemErrorCode(error) ?? 'unknown');
  }
  if (others !== undefined) throw gpgFolderOfOthers(home, others);
}

/** Lists the usable keys of gpg: for signing, those with a private half; for encryption, all. Empty without gpg. */
export async function listGpgKeys(kind: 'signers' | 'recipients', env: Env): Promise<ListedGpgKey[]> {
  const what = kind === 'signers' ? '--list-secret-keys' : '--list-keys';
  const ran = await runGpg(['--batch', '--with-colons', what], { env, input: '', timeoutMs: LIST_AT_MOST_MS });
  return ran.code === 0 ? parseGpgList(ran.output, kind === 'signers' ? 'S' : 'E') : [];
}

/** @param use the capability that a key must have as a whole: `S` signs, `E` is encrypted to */
export function parseGpgList(listing: string, use: 'S' | 'E'): ListedGpgKey[] {
  const usable = parseGpgListing(listing).filter(({ capabilities, token }) => {
    const isOnCard = /^[0-9A-F]{8,}$/.test(token);
    return capabilities.includes(use) && !capabilities.includes('D') && !isOnCard;
  });
  return usable.map(({ fingerprint, user }) => ({ fingerprint, user }));
}

interface Ran {
  /** Exit code; null when it was killed, or never began. */
  readonly code: number | null;
  readonly output: string;
  /** Messages of gpg; undefined when it is not installed. */
  readonly said: string | undefined;
}

interface How {
  readonly env: Env;
  readonly input: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

async function runGpg(args: readonly string[], how: How): Promise<Ran> {
  const { env, input, timeoutMs, signal } = how;
  const program = findProgram('gpg', { platform: process.platform, env });
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs, signal });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // gpg may end without having read its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  try {
    const [code, output, said] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { code, output, said: said.trim() };
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return { code: null, output: '', said: systemErrorCode(error) === 'ENOENT' ? undefined : String(error) };
  }
}
