import { accessSync, constants, lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../../os/atomic-file.ts';
import { systemErrorCode } from '../../os/system-error.ts';

/** A change of a person's SSH configuration. Texts have one character for each byte. */
export interface ConfigChange {
  readonly path: string;
  /** Previous text; undefined: there is no such file. */
  readonly before: string | undefined;
  /** New text; undefined: the file is deleted. */
  readonly after: string | undefined;
}

/** Reason why a configuration was left alone. */
export type Refusal =
  /** The file has changed since its text was shown. */
  | 'changed-meanwhile'
  | 'read-only'
  /** The file is a link to a missing file: which file the change should go to is unknown. */
  | 'dead-link';

/** A configuration was left as it is. */
export class ConfigRefused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

/**
 * Reads a configuration, one character for each byte; undefined when there is none.
 * @throws ConfigRefused; the system's error
 */
export function readConfig(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw new ConfigRefused('dead-link');
    return undefined;
  }
}

/**
 * Makes the change in one step. A link stays one, and the file keeps its mode.
 * @param suffix of the temporary file beside it; not used by anybody else at the same time
 * @throws ConfigRefused, then nothing was changed; the system's error
 */
export function applyChange(change: ConfigChange, suffix: string): void {
  const { path, before, after } = change;
  assertUnchanged(change);
  if (before === after) return;
  if (before === undefined) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  else assertWritable(path);
  if (after === undefined) rmSync(realpathSync(path));
  // Reads the file once more, since other programs change configurations without any lock.
  else replaceFile(path, Buffer.from(after, 'latin1'), suffix, true, () => assertUnchanged(change));
}

function assertUnchanged({ path, before }: ConfigChange): void {
  if (readConfig(path) !== before) throw new ConfigRefused('changed-meanwhile');
}

/**
 * Refuses a file that its owner has made read-only, even if its folder would allow replacing it.
 * @throws ConfigRefused
 */
export function assertWritable(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch {
    throw new ConfigRefused('read-only');
  }
  // The mode is read, since root may write any file.
  if ((statSync(path).mode & 0o200) === 0) throw new ConfigRefused('read-only');
}
