import { quote } from '../base/printable.ts';
import { FleetFault } from './fault.ts';

/*
 * JSON documents with a closed schema. One value has exactly one text: keys in the order of the schema, no white space, a line end
 * behind it. A text that is another one is refused, and with it duplicate keys, unknown keys and numbers that JSON would round.
 */

/** Reads a part of a document; `at` names it in errors. Throws `SchemaFault`. */
export type Reader<T> = (value: unknown, at: string) => T;

class SchemaFault extends Error {}

/**
 * Reads a document.
 * @param name of the document, for errors
 * @param most bytes of it
 * @throws FleetFault `document-too-long` or `document-invalid`
 */
export function readClosed<T>(text: string, name: string, most: number, reader: Reader<T>): T {
  if (lengthOf(text) > most) throw new FleetFault('document-too-long', name, `it is longer than ${most} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FleetFault('document-invalid', name, 'it is not JSON');
  }
  return readValue(value, name, (given, at) => {
    const read = reader(given, at);
    if (writeClosed(read) !== text) throw new SchemaFault('it is not written as knockgate writes it');
    return read;
  });
}

/**
 * Reads a value that was parsed before.
 * @throws FleetFault `document-invalid` that names the field
 */
export function readValue<T>(value: unknown, name: string, reader: Reader<T>): T {
  try {
    return reader(value, '');
  } catch (error) {
    if (!(error instanceof SchemaFault)) throw error;
    throw new FleetFault('document-invalid', name, error.message);
  }
}

/** Text of a document whose keys are in the order of its schema. */
export function writeClosed(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** Bytes of a text in UTF-8. */
export function lengthOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** @param expected for errors: "expected a hash" */
export function textThat(isGood: (text: string) => boolean, expected: string): Reader<string> {
  return (value, at) => {
    if (typeof value !== 'string' || !isGood(value)) throw new SchemaFault(`${at}: expected ${expected}`);
    return value;
  };
}

export function exactly<T extends string | number>(wanted: T): Reader<T> {
  return (value, at) => {
    if (value !== wanted) throw new SchemaFault(`${at}: expected ${JSON.stringify(wanted)}`);
    return wanted;
  };
}

export function oneOf<T extends string>(...known: readonly T[]): Reader<T> {
  return (value, at) => {
    const found = known.find((each) => each === value);
    if (found === undefined) throw new SchemaFault(`${at}: expected one of ${known.join(', ')}`);
    return found;
  };
}

/** As `textThat`, for a pattern. */
export function matching(pattern: RegExp, expected: string): Reader<string> {
  return textThat((text) => pattern.test(text), expected);
}

/** A whole number from `least` to `most`, which is at most 2^53-1. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): Reader<number> {
  return (value, at) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
      throw new SchemaFault(`${at}: expected a whole number from ${least} to ${most}`);
    return value;
  };
}

export function yesOrNo(value: unknown, at: string): boolean {
  if (typeof value !== 'boolean') throw new SchemaFault(`${at}: expected true or false`);
  return value;
}

/** An object of any keys that `keys` reads. */
export function mapOf<T>(keys: Reader<string>, reader: Reader<T>): Reader<ReadonlyMap<string, T>> {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new SchemaFault(`${at}: expected a table`);
    const read = Object.entries(value).map(([key, each]: [string, unknown]): [string, T] => {
      // A key is shown once it has been read.
      const known = keys(key, at === '' ? 'a key' : `${at}: a key`);
      return [known, reader(each, at === '' ? known : `${at}.${known}`)];
    });
    return new Map(read);
  };
}

/** An object some of whose keys may be missing. */
export function withDefaults<T>(defaults: object, reader: Reader<T>): Reader<T> {
  return (value, at) =>
    reader(
      typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...defaults, ...value } : value,
      at,
    );
}

export function listOf<T>(reader: Reader<T>, most: number, least = 0): Reader<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length < least || value.length > most)
      throw new SchemaFault(`${at}: expected a list of ${least} to ${most}`);
    return value.map((each: unknown, i) => reader(each, `${at}[${i}]`));
  };
}

/** A list in ascending order of what `keyOf` gives, nothing twice. */
export function sortedBy<T>(list: Reader<readonly T[]>, keyOf: (each: T) => string): Reader<readonly T[]> {
  return (value, at) => {
    const read = list(value, at);
    for (const [i, each] of read.entries()) {
      const before = read[i - 1];
      if (before !== undefined && keyOf(before) >= keyOf(each))
        throw new SchemaFault(`${at}[${i}]: expected an order without repetitions`);
    }
    return read;
  };
}

/** An object with these keys and no others. */
export function object<T extends object>(readers: { readonly [K in keyof T]: Reader<T[K]> }): Reader<T> {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new SchemaFault(`${at}: expected an object`);
    const given = new Map<string, unknown>(Object.entries(value));
    const unknown = [...given.keys()].find((key) => !Object.hasOwn(readers, key));
    if (unknown !== undefined) throw new SchemaFault(`${at}: unknown key ${quote(unknown.slice(0, 40))}`);
    const read: Record<string, unknown> = {};
    for (const [key, reader] of Object.entries<Reader<unknown>>(readers)) {
      if (!given.has(key)) throw new SchemaFault(`${at}: the key ${key} is missing`);
      read[key] = reader(given.get(key), at === '' ? key : `${at}.${key}`);
    }
    return read as T;
  };
}
