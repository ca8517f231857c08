import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';

/** `NAME value` of access.conf or fwknopd.conf. */
export interface Directive {
  readonly name: string;
  /** Empty for a line without a value, which fwknopd refuses together with its whole file. */
  readonly value: string;
  /** Value with the blanks at its end: fwknopd takes them as part of a key. */
  readonly whole: string;
  readonly line: number;
}

/**
 * Reads lines `NAME value`, also `NAME: value`, each up to a `;` or its end; `#` and `;` begin comments. Any other line gets no
 * value, which is noted.
 */
export function directivesOf(text: string, note: Note): Directive[] {
  const found: Directive[] = [];
  for (const [i, written] of text.split(/\r?\n/).entries()) {
    const trimmed = written.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    const [, name = '', whole = ''] = /^([^\s:;]+):?\s+([^;\r]+)/.exec(written.trimStart()) ?? [];
    if (whole.trim() === '') note(i + 1, NOT_UNDERSTOOD);
    found.push({ name, value: whole.trim(), whole, line: i + 1 });
  }
  return found;
}

/** Note for a line that is not one of fwknop's. It does not quote the line, which may be part of a key. */
export const NOT_UNDERSTOOD = phrase('is not a line that fwknopd understands, and is left out');

/**
 * OpenWrt keeps fwknopd's settings in a form of its own: `config access`, `option SOURCE 'ANY'`.
 * @returns the first line that shows it; undefined for another file
 */
export function openWrtLine(text: string): number | undefined {
  const lines = text.split(/\r?\n/);
  const first = lines.findIndex((line) => /^\s*config\s+(access|global|network|config)\b/.test(line));
  return first >= 0 && lines.some((line) => /^\s*option\s+\S+\s+\S/.test(line)) ? first + 1 : undefined;
}

/** Reads a whole number as C does: up to the first other character, so that a comment may follow; 0 for anything else. */
export function numberOf({ value }: Directive): number {
  return Number(/^[+-]?[0-9]{1,12}/.exec(value)?.[0] ?? 0);
}

/** Reads a number within bounds. One outside becomes the nearest bound, which is noted. */
export function numberWithin(directive: Directive, least: number, most: number, note: Note): number {
  const found = numberOf(directive);
  const taken = Math.min(Math.max(found, least), most);
  if (taken !== found)
    note(
      directive.line,
      phrase('{0} {1} becomes {2}: here it is from {3} to {4}', directive.name, found, taken, least, most),
    );
  return taken;
}
