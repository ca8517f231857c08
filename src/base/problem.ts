import { inWords, type Phrase, phrase } from './phrase.ts';
import { quote, withoutLinks } from './printable.ts';

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
  /** Exit code of a command for several hosts: at least one has failed, and its table says which and why. */
  someFailed: 15,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * Exit code of the other half's program, which has the same codes; any other value, such as null for a signal, did not come from
 * it.
 */
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

/** Parts before they are translated: those that can be translated, and those that cannot. */
export type ProblemParts = { readonly [K in keyof ProblemText]: ProblemText[K] | (K extends Said ? Phrase : never) };
type Said = 'what' | 'why' | 'next';

/** Most characters of a part, which may have somebody else's words. A configuration with twenty errors is shorter. */
const MOST_CHARACTERS = 20_000;

/**
 * An error meant for people. Its text can be shown anywhere: what somebody else wrote is printable and holds no link,
 * since `inWords` sees to every value and the constructor to the whole. Each half of the product makes its own in one place
 * (`src/client/problems.ts`, `server-helper/problems.ts`); the formats shared by both make theirs here.
 */
export class Problem extends Error {
  readonly parts: ProblemParts;
  /** Text in the chosen language. */
  readonly text: ProblemText;

  /** Recognizes problems by their shape: a part that is loaded later, as a bundle of its own, has this class a second time. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'Problem' && 'text' in value;
  }

  constructor(parts: ProblemParts) {
    const { code, what, why, next, exit } = parts;
    const text = {
      code,
      exit,
      what: shown(what),
      ...(why !== undefined && { why: shown(why) }),
      ...(next !== undefined && { next: shown(next) }),
    };
    super([text.what, text.why, text.next].filter((part) => part !== undefined).join('\n'));
    this.name = 'Problem';
    this.parts = parts;
    this.text = text;
  }
}

function shown(part: Phrase | string): string {
  const text = withoutLinks(inWords(part));
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}

/** Message behind the name of the program, which a mistake in a command line names already. */
export function saidBy(program: string, message: string): string {
  return message.startsWith(`${program} `) ? message : `${program}: ${message}`;
}

/** Error for an invalid text from a person: a key, an enrolment line, a port, a network. */
export function badText(field: Phrase | string, found: string, expected: Phrase | string): Problem {
  return new Problem({
    code: 'bad-text',
    what: phrase('{0}: {1} is invalid.', field, quote(found)),
    next: phrase('Expected {0}.', expected),
    exit: ExitCode.usage,
  });
}
