import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileUnreadable } from '../problems.ts';
import type { Imported } from './imported.ts';
import { importKnockd } from './knockd.ts';

/**
 * Shows what a knockd.conf would be in gate.toml; changes nothing.
 * @throws Problem `file-unreadable`
 */
export function readKnockd(path: string): Imported {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fileUnreadable(path, error);
  }
  return importKnockd(text, basename(path));
}
