import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { ExitCode, Problem } from '../spa/problem.ts';

/** Which key gpg is to export, and how it gets at it. */
export interface GpgExport {
  /** A fingerprint, an address, whatever gpg takes. */
  readonly key: string;
  readonly secret: boolean;
  /** GnuPG's folder; undefined: the usual one. */
  readonly home: string | undefined;
  /** Told through a pipe; undefined: gpg's agent asks when there is one to ask for. */
  readonly passphrase: string | undefined;
}

/**
 * Has gpg export a key, ASCII-armoured. A private key stays locked with its passphrase, if it has one.
 * @param env where gpg finds its terminal and its folder
 * @throws Problem `gpg-failed`
 */
export async function exportGpgKey(
  { key, secret, home, passphrase }: GpgExport,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const where = home === undefined ? [] : ['--homedir', home];
  const unlock = passphrase === undefined ? [] : ['--batch', '--pinentry-mode', 'loopback', '--passphrase-fd', '0'];
  const what = secret ? '--export-secret-keys' : '--export';
  const child = spawn('gpg', [...where, ...unlock, '--armor', what, '--', key], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // It may end without having read it.
  child.stdin.on('error', () => {});
  child.stdin.end(passphrase === undefined ? '' : `${passphrase}\n`);
  try {
    const [code, armoured, said] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    if (code === 0 && armoured !== '') return armoured;
    throw gpgFailed(key, said.trim());
  } catch (error) {
    throw error instanceof Problem ? error : gpgFailed(key, String(error));
  }
}

function gpgFailed(key: string, said: string): Problem {
  return new Problem({
    code: 'gpg-failed',
    what: `gpg does not export the key ${JSON.stringify(key)}.`,
    why: said === '' ? 'It says nothing.' : said,
    next: 'See with `gpg --list-secret-keys` what it is called; docs/fwknop.md shows how to export keys by hand.',
    exit: ExitCode.keyUnreadable,
  });
}
