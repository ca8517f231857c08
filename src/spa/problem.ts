import { inWords, type Phrase, phrase } from './phrase.ts';

/** Exit codes of both programs; knockgated(8) lists them for the daemon. */
export const ExitCode = {
  done: 0,
  fault: 1,
  usage: 2,
  configuration: 3,
  privilege: 4,
  programMissing: 5,
  inUse: 6,
  nameNotFound: 10,
  noRoute: 11,
  noAnswer: 12,
  cancelled: 13,
  keyUnreadable: 14,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** That of the other half's program, which has the same ones; anything else, such as null for a signal, did not come from it. */
export function exitCodeOf(code: number | null): ExitCode {
  return Object.values(ExitCode).find((each) => each === code) ?? ExitCode.fault;
}

/** The parts of a message for a person: what happened, why, and what to do next. */
export interface ProblemText {
  /** Stable, for programs: never changes once released. */
  readonly code: string;
  readonly what: string;
  readonly why?: string;
  readonly next?: string;
  readonly exit: ExitCode;
}

/** The same before it is said in a language: what can be translated, and what cannot. */
export type ProblemParts = { readonly [K in keyof ProblemText]: ProblemText[K] | (K extends Said ? Phrase : never) };
type Said = 'what' | 'why' | 'next';

/**
 * An error meant for people. Each half of the product makes its own in one place
 * (`src/client/problems.ts`, `server-helper/problems.ts`); the formats shared by both make theirs here.
 */
export class Problem extends Error {
  readonly parts: ProblemParts;
  /** In the language that is chosen. */
  readonly text: ProblemText;

  /** By its shape: a part that is loaded later, as a bundle of its own, brings this class a second time. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'Problem' && 'text' in value;
  }

  constructor(parts: ProblemParts) {
    const { code, what, why, next, exit } = parts;
    const text = {
      code,
      exit,
      what: inWords(what),
      ...(why !== undefined && { why: inWords(why) }),
      ...(next !== undefined && { next: inWords(next) }),
    };
    super([text.what, text.why, text.next].filter((part) => part !== undefined).join('\n'));
    this.name = 'Problem';
    this.parts = parts;
    this.text = text;
  }
}

/** A text from a person (a key, an enrolment line, a port, a network) that cannot be what it should be. */
export function badText(field: Phrase | string, found: string, expected: Phrase | string): Problem {
  return new Problem({
    code: 'bad-text',
    what: phrase('{0}: {1} is not right.', field, quote(found)),
    next: phrase('Expected {0}.', expected),
    exit: ExitCode.usage,
  });
}

/**
 * Quotes what somebody typed, shortened, with control and formatting characters made visible: some terminals obey
 * U+009B, and U+202E turns the rest of a line round.
 */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  return JSON.stringify(short).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, visible);
}

/** A text of several lines from somewhere else, with what a terminal would obey made visible. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\u2028\u2029]/gu, visible);
}

function visible(character: string): string {
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
}
