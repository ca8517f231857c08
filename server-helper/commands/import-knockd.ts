import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Imported, importKnockd } from '../import/knockd.ts';
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

/** The result as a text that is itself good TOML: notes are comments. */
export function showImported({ toml, notes }: Imported): string {
  return [...notes.map((note) => `# ${note}`), ...(notes.length > 0 ? [''] : []), toml.trimEnd()].join('\n').trimEnd();
}
