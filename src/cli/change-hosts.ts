import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { toBase64Url } from '../base/bytes.ts';
import { fileUnusable } from '../client/problems.ts';
import { type Patience, withLock } from '../os/file-lock.ts';
import { systemErrorCode } from '../os/system-error.ts';
import { hostsPath } from './paths.ts';
import type { Shell } from './shell.ts';

/** Limits of waiting for the lock: writing to the disk may take long on a busy machine. */
const PATIENCE: Patience = { staleAfterMs: 5_000, waitAtMostMs: 15_000 };

/**
 * Changes the hosts file while no other process changes it: a script may add many hosts at the same time.
 * @param change gets the path, and the suffix of a temporary file; synchronous
 * @throws Problem `file-unusable`; whatever the change throws
 */
export async function changeHosts<T>(shell: Shell, change: (path: string, suffix: string) => T): Promise<T> {
  const path = hostsPath(shell);
  const token = toBase64Url(shell.crypto.randomBytes(9));
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const sleep = (ms: number) => shell.clock.sleep(ms);
    return await withLock(`${path}.lock`, token, sleep, () => change(path, token), PATIENCE);
  } catch (error) {
    const code = systemErrorCode(error);
    throw code === undefined ? error : fileUnusable(path, code);
  }
}
