import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { systemErrorCode } from './system-error.ts';

/**
 * Replaces a file by a text in one step: a reader sees the old or the new, never a part. A link stays a link,
 * and a file that is there keeps its mode.
 * @param suffix of the temporary file beside it; not used by anybody else at the same time
 * @param durable whether it must outlive a power cut: costs milliseconds
 * @param justBefore throws when it is not to be replaced after all: called at the last moment
 * @throws the system's error; whatever `justBefore` throws
 */
export function replaceFile(
  path: string,
  text: string | Uint8Array,
  suffix: string,
  durable: boolean,
  justBefore: () => void = () => {},
): void {
  const { target, mode } = existing(path);
  const temporary = `${target}.${suffix}`;
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    if (durable) fsyncSync(file);
    if (mode !== undefined) chmodSync(temporary, mode);
    justBefore();
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function existing(path: string): { target: string; mode: number | undefined } {
  try {
    const target = realpathSync(path);
    return { target, mode: statSync(target).mode & 0o777 };
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    return { target: path, mode: undefined };
  }
}
