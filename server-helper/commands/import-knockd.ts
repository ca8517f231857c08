import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Imported } from '../import/imported.ts';
import { importKnockd } from '../import/knockd.ts';
import { fileUnreadable } from '../problems.ts';

/**
 * Says what a knockd.conf would be in gate.toml; changes nothing.
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
