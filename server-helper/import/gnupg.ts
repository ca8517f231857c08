import { execFile } from 'node:child_process';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { writtenByOthers } from '../../src/fwknop/gpg-folder.ts';
import { parseGpgListing } from '../../src/fwknop/gpg-listing.ts';
import { reasonOf } from '../problems.ts';
import { SYSTEM_ENVIRONMENT } from '../system-environment.ts';
import type { ExportedKey, WantedKey } from './fwknop-gpg-keys.ts';

/** Milliseconds that gpg may take: it may wait for a lock that nobody releases, or for an agent that does not answer. */
const LONGEST = 30_000;

type Said = { readonly ok: true; readonly stdout: string } | Extract<ExportedKey, { readonly ok: false }>;

/**
 * Exports a key by gpg, ASCII-armoured. A private key stays locked with its passphrase. Asks nobody.
 * @returns the reason when gpg is missing, has not exactly one such key, or gets a wrong passphrase, or when others can write to
 * its folder
 */
export async function exportGpgKey({ home, key, secret }: WantedKey): Promise<ExportedKey> {
  const isSecret = secret !== undefined;
  const listed = await gpg(home, ['--with-colons', isSecret ? '--list-secret-keys' : '--list-keys', '--', key]);
  if (!listed.ok) return listed;
  const [fingerprint, ...others] = fingerprintsOf(listed.stdout);
  if (fingerprint === undefined || others.length > 0)
    return { ok: false, why: `${others.length + 1} keys are called so` };
  const unlock = ['--pinentry-mode', 'loopback', '--passphrase-fd', '0'];
  const what = isSecret ? [...unlock, '--armor', '--export-secret-keys'] : ['--armor', '--export'];
  const done = await gpg(home, [...what, '--', fingerprint], `${secret?.passphrase ?? ''}\n`);
  if (!done.ok) return done;
  return done.stdout === '' ? { ok: false, why: 'it says nothing' } : { ok: true, fingerprint, armoured: done.stdout };
}

/** Whether a file, ASCII-armoured, has this key and no other. */
export async function isGpgKey(home: string, armoured: string, fingerprint: string): Promise<boolean> {
  const shown = await gpg(home, ['--with-colons', '--show-keys'], armoured);
  return shown.ok && fingerprintsOf(shown.stdout).join() === fingerprint;
}

/** Fingerprints of whole keys, in small letters. */
function fingerprintsOf(listing: string): string[] {
  return parseGpgListing(listing).map(({ fingerprint }) => fingerprint.toLowerCase());
}

async function gpg(home: string, args: readonly string[], input = ''): Promise<Said> {
  // gpg runs programs that the settings in its folder name (gpg(1), `agent-program`), as its own user: here as root.
  try {
    const folder = realpathSync(home);
    const others = writtenByOthers(folder, process.getuid?.(), { statSync, readdirSync });
    if (others === undefined) return await runGpg(folder, args, input);
    return { ok: false, why: `others can write to ${others}, and gpg runs what settings there name`, isOthers: true };
  } catch (error) {
    return { ok: false, why: reasonOf(error) };
  }
}

function runGpg(home: string, args: readonly string[], input: string): Promise<Said> {
  return new Promise((resolve) => {
    const options = {
      env: SYSTEM_ENVIRONMENT,
      timeout: LONGEST,
      killSignal: 'SIGKILL',
      maxBuffer: 1024 * 1024,
    } as const;
    const child = execFile(
      'gpg',
      ['--homedir', home, '--batch', '--quiet', ...args],
      options,
      (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, stdout });
        else if (error.code === 'ENOENT') resolve({ ok: false, why: 'there is no gpg' });
        else if (error.killed) resolve({ ok: false, why: `nothing within ${LONGEST / 1000} s` });
        else resolve({ ok: false, why: lastLine(stderr) });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function lastLine(said: string): string {
  return said.trim().split('\n').at(-1)?.slice(0, 200) || 'it says nothing';
}
