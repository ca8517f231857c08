import { type Phrase, phrase } from '../base/phrase.ts';
import { printable, quote, withoutLinks } from '../base/printable.ts';

/** Lines of a program's words that are shown. */
const MOST_LINES = 8;
/** Characters of each of them. */
const MOST_CHARACTERS = 200;

/**
 * The words of a program, as they are to be read: one line in quotation marks, several below each other and indented, so that it is
 * plain where they begin and end.
 */
export function saidText(said: string): Phrase {
  const lines = withoutLinks(printable(said)).trim().split('\n');
  if (lines[0] === '') return phrase('It said nothing.');
  if (lines.length === 1) return phrase('It said: {0}', quote(said.trim(), MOST_CHARACTERS));
  const shown = lines.slice(0, MOST_LINES).map((line) => `    ${line.trimEnd().slice(0, MOST_CHARACTERS)}`);
  return phrase('It said:\n{0}', [...shown, ...(lines.length > MOST_LINES ? ['    …'] : [])].join('\n'));
}
