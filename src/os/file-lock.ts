import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { systemErrorCode } from './system-error.ts';

const RETRY_MS = 3;

/** Limits of waiting for others, in milliseconds. */
export interface Patience {
  /** Age from which a lock belongs to a dead process. */
  readonly staleAfterMs: number;
  /** Longest wait for a lock: see `withLock`. */
  readonly waitAtMostMs: number;
}

/** For work of a few milliseconds, on the way to a knock. */
const SHORT: Patience = { staleAfterMs: 300, waitAtMostMs: 1500 };

/**
 * Runs something while no other process that uses the same lock file does. A lock that a dead process left is taken over. It is
 * recognized only by staying the same for too long, so that no two clocks are compared. If the lock cannot be had in a bounded
 * time, the action runs anyway: its data is worth less than a knock that never goes out.
 * @param action short, and synchronous: nothing of this process runs in between
 * @param token unique to this process and call
 * @param sleep waits that many milliseconds
 * @throws the system's error when the lock file cannot be written at all; whatever the action throws
 */
export async function withLock<T>(
  path: string,
  token: string,
  sleep: (ms: number) => Promise<void>,
  action: () => T,
  { staleAfterMs, waitAtMostMs }: Patience = SHORT,
): Promise<T> {
  let holder: string | undefined;
  let holderSeenMs = 0;
  for (let waitedMs = 0; waitedMs < waitAtMostMs; waitedMs += RETRY_MS) {
    if (take(path, token)) {
      try {
        return action();
      } finally {
        if (read(path) === token) rmSync(path, { force: true });
      }
    }
    const found = read(path);
    holderSeenMs = found !== undefined && found === holder ? holderSeenMs + RETRY_MS : 0;
    holder = found;
    if (holder !== undefined && holderSeenMs >= staleAfterMs) removeStale(path, holder, token);
    await sleep(RETRY_MS);
  }
  return action();
}

function take(path: string, token: string): boolean {
  try {
    writeFileSync(path, token, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a dead process's lock, and puts it back if it turns out to be a fresh one, because another process was faster. */
function removeStale(path: string, holder: string, token: string): void {
  const aside = `${path}.${token}`;
  try {
    renameSync(path, aside);
    if (read(aside) !== holder) linkSync(aside, path);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
