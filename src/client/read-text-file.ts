import { readFileSync } from 'node:fs';
import { systemErrorCode } from '../os/system-error.ts';
import { fileUnusable } from './problems.ts';

/**
 * Reads a file that a person has named.
 * @throws Problem `file-unusable`
 */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fileUnusable(path, systemErrorCode(error) ?? 'unknown');
  }
}
