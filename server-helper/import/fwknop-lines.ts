import type { Note } from '../../src/spa/notes.ts';

/** `NAME value` of access.conf or fwknopd.conf. */
export interface Directive {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/** Reads lines `NAME value`, also `NAME: value`, each up to a `;` or its end; `#` and `;` begin comments. */
export function directivesOf(text: string, note: Note): Directive[] {
  const found: Directive[] = [];
  for (const [i, written] of text.split(/\r?\n/).entries()) {
    const trimmed = written.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    const [, name = '', value = ''] = /^([^\s:;]+):?\s+([^;]+)/.exec(trimmed) ?? [];
    if (value.trim() === '') note(i + 1, NOT_UNDERSTOOD);
    else found.push({ name, value: value.trim(), line: i + 1 });
  }
  return found;
}

/** Said of a line that is none of fwknop's. Never quoted: it may be part of a key. */
export const NOT_UNDERSTOOD = 'is no line that fwknopd understands, and is left out';

/** A whole number within bounds, or the nearest that is. */
export function numberWithin({ name, value, line }: Directive, least: number, most: number, note: Note): number {
  const found = /^[0-9]{1,9}$/.test(value) ? Number(value) : least;
  const taken = Math.min(Math.max(found, least), most);
  if (String(taken) !== value) note(line, `${name} becomes ${taken}: here it is a number from ${least} to ${most}`);
  return taken;
}
