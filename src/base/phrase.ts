import { printable, withoutLinks } from './printable.ts';

/**
 * A text for people that can be translated: written in English where it is used, with `{0}` for the first value. A value that is a
 * text may come from anybody: it is not translated, and is made harmless before it is shown.
 */
export interface Phrase {
  readonly message: string;
  readonly values: readonly (Phrase | string | number)[];
}

/** Translates a message, with the values in their places; `l10n.t` of the editor is one. */
export type Translate = (message: string, ...values: string[]) => string;

/** Makes a phrase. scripts/l10n.mjs finds the texts by the name of this function. */
export function phrase(message: string, ...values: Phrase['values']): Phrase {
  return { message, values };
}

/** Joins phrases, such as the lines of a list. */
export function joined(phrases: readonly (Phrase | string)[], separator: string): Phrase {
  return { message: phrases.map((_, i) => `{${i}}`).join(separator), values: phrases };
}

/** Writes a message as it is. */
export const english: Translate = (message, ...values) =>
  message.replace(/\{(\d+)\}/g, (place, index: string) => values[Number(index)] ?? place);

let language = english;

/** Chooses the language of `inWords` from now on: called once, by a program that has another language. */
export function speak(translate: Translate): void {
  language = translate;
}

/**
 * Text of a phrase in the chosen language. Only here do somebody else's words become part of ours: each value, and a plain text, is
 * made printable and free of links.
 */
export function inWords(text: Phrase | string, translate: Translate = language): string {
  if (typeof text === 'string') return withoutLinks(printable(text));
  const values = text.values.map((value) => (typeof value === 'number' ? String(value) : inWords(value, translate)));
  return translate(text.message, ...values);
}

/** Text of a phrase in English, for logs and for the maintainers. */
export function inEnglish(text: Phrase | string): string {
  return inWords(text, english);
}
