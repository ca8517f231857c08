import { printable } from '../base/printable.ts';

/*
 * Readers of values that another program sent: what a gate answered, and the messages between the extension and its page. A value
 * is what its reader describes, or it is refused as a whole.
 */

/** Reads a value. @throws NotAsExpected */
export type Reader<T> = (value: unknown) => T;

/** Type of the values that a reader reads. */
export type ReadBy<R> = R extends Reader<infer T> ? T : never;

/** The value is not what its reader describes. */
export class NotAsExpected extends Error {
  override readonly name = 'NotAsExpected';
}

function refused(expected: string): never {
  throw new NotAsExpected(`expected ${expected}`);
}

/** Most characters of a text. A gate's own texts are shorter, and so are ours. */
const MOST_CHARACTERS = 4000;

/** A text as it was sent. */
export const text: Reader<string> = (value) =>
  typeof value === 'string' && value.length <= MOST_CHARACTERS ? value : refused('a text');

/** A text to be shown: what is invisible in it is written out. */
export const shownText: Reader<string> = (value) => printable(text(value));

export const wholeNumber: Reader<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : refused('a whole number');

/** Unix milliseconds of an ISO 8601 time. */
export const time: Reader<number> = (value) => {
  const at = /^\d{4}-\d\d-\d\dT/.test(text(value)) ? Date.parse(text(value)) : Number.NaN;
  return Number.isNaN(at) ? refused('a time') : at;
};

/** One of some texts, such as the name of a message. */
export function oneOf<const T extends string>(...texts: readonly T[]): Reader<T> {
  return (value) => texts.find((each) => each === value) ?? refused(texts.join(' or '));
}

export function orNull<T>(read: Reader<T>): Reader<T | null> {
  return (value) => (value === null ? null : read(value));
}

export function orMissing<T>(read: Reader<T>): Reader<T | undefined> {
  return (value) => (value === undefined ? undefined : read(value));
}

export function list<T>(read: Reader<T>, most: number): Reader<readonly T[]> {
  return (value) => (Array.isArray(value) && value.length <= most ? value.map(read) : refused('a list'));
}

/** An object whose names are not known beforehand. */
export function dictionary<T>(read: Reader<T>, most: number): Reader<Readonly<Record<string, T>>> {
  return (value) => {
    const entries = Object.entries(plainObject(value));
    if (entries.length > most) refused('fewer entries');
    return Object.fromEntries(entries.map(([name, each]) => [text(name), read(each)]));
  };
}

type Readers = Readonly<Record<string, Reader<unknown>>>;
type Fields<R extends Readers> = { readonly [K in keyof R]: ReadBy<R[K]> };

/** An object with these fields. Others are passed over: a newer gate may have more. */
export function fields<R extends Readers>(readers: R): Reader<Fields<R>> {
  return (value) => {
    const given = plainObject(value);
    return Object.fromEntries(Object.entries(readers).map(([name, read]) => [name, read(given[name])])) as Fields<R>;
  };
}

/** An object with these fields and no others. */
export function exactly<R extends Readers>(readers: R): Reader<Fields<R>> {
  const read = fields(readers);
  return (value) => {
    const extra = Object.keys(plainObject(value)).find((name) => !Object.hasOwn(readers, name));
    return extra === undefined ? read(value) : refused('no other fields');
  };
}

function plainObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : refused('an object');
}

/** A value that one of these readers takes. */
export function anyOf<T>(...readers: readonly Reader<T>[]): Reader<T> {
  return (value) => {
    for (const read of readers) {
      try {
        return read(value);
      } catch (error) {
        if (!(error instanceof NotAsExpected)) throw error;
      }
    }
    return refused('a message');
  };
}
