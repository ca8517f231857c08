import { printable, withoutLinks } from './printable.ts';

/**
 * A text for people that can be said in their language: written out in English where it is used, with `{0}` for the first
 * value. A value that is a text may come from anybody: it is not translated, and is made harmless before it is said.
 */
export interface Phrase {
  readonly message: string;
  readonly values: readonly (Phrase | string | number)[];
}

/** Says a message in some language, with the values in their places; `l10n.t` of the editor is one. */
export type Translate = (message: string, ...values: string[]) => string;

/** The texts are found by the name of this function: scripts/l10n.mjs. */
export function phrase(message: string, ...values: Phrase['values']): Phrase {
  return { message, values };
}

/** Phrases one after the other, such as the lines of a list. */
export function joined(phrases: readonly (Phrase | string)[], separator: string): Phrase {
  return { message: phrases.map((_, i) => `{${i}}`).join(separator), values: phrases };
}

/** Says a message as it is written. */
export const english: Translate = (message, ...values) =>
  message.replace(/\{(\d+)\}/g, (place, index: string) => values[Number(index)] ?? place);

let language = english;

/** Chooses the language of everything that `inWords` says from now on: called once, by the program that has another. */
export function speak(translate: Translate): void {
  language = translate;
}

/**
 * A phrase in the chosen language. This is the one place where somebody else's words become part of ours: each value, and
 * a plain text, is made printable and free of links.
 */
export function inWords(text: Phrase | string, translate: Translate = language): string {
  if (typeof text === 'string') return withoutLinks(printable(text));
  const values = text.values.map((value) => (typeof value === 'number' ? String(value) : inWords(value, translate)));
  return translate(text.message, ...values);
}

/** A phrase as it is written, for logs and for who maintains this. */
export function inEnglish(text: Phrase | string): string {
  return inWords(text, english);
}
