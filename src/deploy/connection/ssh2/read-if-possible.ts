import { readFileSync } from 'node:fs';
import { systemErrorCode } from '../../../os/system-error.ts';

/** Bytes of a file; undefined when it cannot be read, which ssh ignores too. */
export function readIfPossible(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
