import { Problem } from '../../src/base/problem.ts';

/** A reader of ours, and what must hold for every input. */
export interface FuzzTarget {
  readonly name: string;
  /** Good inputs: what changes start from. */
  readonly seeds: readonly Uint8Array[];
  /** Words that mean something to the reader, beside those of the seeds. */
  readonly words?: readonly string[];
  /** Bytes of the longest input; 65,536 unless said otherwise. */
  readonly longest?: number;
  /**
   * Reads an input. What it returns may grow with the input, and no faster.
   * @throws what it refuses with, as `declares` knows it; `Broken` when something does not hold
   */
  readonly read: (input: Uint8Array) => unknown;
  /** Whether an error is how the reader says that it refuses an input. Without it: a Problem. */
  readonly declares?: (error: unknown) => boolean;
  /** Whether every `SECRET` of an input is where only a secret may be: then none may be in what the reader says. */
  readonly hidesSecret?: (text: string) => boolean;
}

/** Something that must hold does not. */
export class Broken extends Error {}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what);
}

/** Is in the secrets of seeds, as a text and as base64 from a multiple of three bytes on. */
export const SECRET = 'S3cr3t';
export const SECRET_BASE64 = 'UzNjcjN0';

export const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
export const textOf = (input: Uint8Array): string => Buffer.from(input).toString('utf8');

/** A target that reads text, as from a file. */
export function textTarget(
  name: string,
  seeds: readonly string[],
  read: (text: string) => unknown,
  more: Omit<Partial<FuzzTarget>, 'name' | 'seeds' | 'read'> = {},
): FuzzTarget {
  return { name, seeds: seeds.map(bytes), read: (input) => read(textOf(input)), ...more };
}

/** Result of a reader; undefined when it refuses. */
export function ifRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** Whether each line with a secret begins with one of these keys of an fwknop file, and the next word has all of it. */
export function secretsBehind(keys: RegExp): (text: string) => boolean {
  return (text) =>
    text.split(/\r?\n/).every((line) => {
      const [before = '', ...behind] = line.split(new RegExp(`${SECRET}|${SECRET_BASE64}`));
      if (behind.length === 0) return true;
      // Another one on the line counts as well: it must be in the same word.
      const isOneWord = behind.slice(0, -1).every((between) => !/\s/.test(between));
      return isOneWord && keys.test(before) && !/[\r\u2028\u2029]/.test(line);
    });
}
