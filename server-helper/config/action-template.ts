import { badText } from '../../src/base/problem.ts';

/** Facts about the client that an action gets, each in one strict form. */
export interface Particulars {
  /** Address that is let in, as `formatAddress` writes it. */
  readonly source: string;
  /** Name of the client in gate.toml. */
  readonly client: string;
  /** 1 to 65535. */
  readonly seconds: number;
}

const PLACEHOLDERS: readonly (keyof Particulars)[] = ['source', 'client', 'seconds'];
const PLACEHOLDER = /\{([a-z_]+)\}/g;

/**
 * Reads one word of a command line. A word in braces is a placeholder.
 * @throws Problem `bad-text` for an unknown placeholder, or a character that no argument can contain
 */
export function parseWord(text: string, field: string): string {
  const unknown = Array.from(text.matchAll(PLACEHOLDER), ([, name]) => name).find((name) => !isPlaceholder(name));
  if (unknown !== undefined)
    throw badText(field, text, `no other placeholders than ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}`);
  if (text.includes('\0')) throw badText(field, text, 'text without a zero byte');
  return text;
}

/** Fills in the placeholders. The number of words stays the same, whatever the values are. */
export function fillIn(words: readonly string[], particulars: Particulars): string[] {
  return words.map((word) =>
    word.replace(PLACEHOLDER, (whole, name) => (isPlaceholder(name) ? String(particulars[name]) : whole)),
  );
}

function isPlaceholder(name: string | undefined): name is keyof Particulars {
  return PLACEHOLDERS.some((each) => each === name);
}
