import { readFileSync } from 'node:fs';
import { systemErrorCode } from '../../../os/system-error.ts';

/** The bytes of a file; undefined where there is none that can be read, which ssh does without. */
export function readIfPossible(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
