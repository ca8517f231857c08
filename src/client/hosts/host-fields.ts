import { type Phrase, phrase } from '../../base/phrase.ts';
import type { RequestedPort } from '../../base/ports.ts';
import { parsePorts } from '../../base/ports.ts';
import { Problem } from '../../base/problem.ts';
import { hostsInvalid } from '../problems.ts';

/*
 * Readers for the fields of a host's table, all strict. `place` is the name of a field in errors: each throws a Problem `hosts-
 * file-invalid` with it.
 */

/** Record that is read: a file of the command line, or the setting of the editor, which may be synced and so names no key file. */
export type HostsKind = 'file' | 'setting';

/** Reads the ports that are asked for, ranges too. */
export function parseAsked(value: unknown, place: string): RequestedPort[] {
  const example = '["tcp/22"]';
  const texts = list(value, place, example).map((port) => text(port, place, phrase('ports such as {0}', example)));
  const ports = located(place, () => parsePorts(texts));
  return distinct(ports, ({ protocol, port }) => `${protocol}/${port}`, place);
}

/** Reads the ports that a knock opens: one at least. */
export function parseOpened(value: unknown, place: string): RequestedPort[] {
  const ports = parseAsked(value, place);
  if (ports.length === 0)
    throw hostsInvalid(place, phrase('It is empty.'), phrase('Name a port, or leave the field out.'));
  return ports;
}

/** Refuses a value that occurs twice. */
export function distinct<T>(values: T[], nameOf: (value: T) => string, place: string): T[] {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(nameOf(value)))
      throw hostsInvalid(place, phrase('{0} occurs twice.', nameOf(value)), phrase('Leave one out.'));
    seen.add(nameOf(value));
  }
  return values;
}

/** Reads an optional field. */
export function optional<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : parse(value);
}

/** Reads a text that is not empty. */
export function text(value: unknown, place: string, expected: Phrase): string {
  if (typeof value === 'string' && value !== '') return value;
  throw hostsInvalid(
    place,
    value === undefined ? phrase('It is missing.') : phrase('It is not a text.'),
    phrase('Expected {0}.', expected),
  );
}

export function list(value: unknown, place: string, example: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw hostsInvalid(place, phrase('It is not a list.'), phrase('Expected a list such as {0}.', example));
}

/** Reads a whole number, both ends included. */
export function whole(value: unknown, least: number, most: number, place: string, unit: Phrase): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw hostsInvalid(
    place,
    phrase('It is not a whole number from {0} to {1}.', least, most),
    phrase('Expected {0} from {1} to {2}.', unit, least, most),
  );
}

export function yesOrNo(value: unknown, place: string): boolean {
  if (typeof value === 'boolean') return value;
  throw hostsInvalid(place, phrase('It is not true or false.'), phrase('Expected {0}.', 'true, false'));
}

/** Refuses all other fields. */
export function onlyKnown(fields: Readonly<Record<string, unknown>>, known: readonly string[], place: string): void {
  for (const field of Object.keys(fields))
    if (!known.includes(field))
      throw hostsInvalid(
        `${place}.${field}`,
        phrase('This field is unknown.'),
        phrase('Expected {0}.', known.join(', ')),
      );
}

/** Gives an error of the shared formats its place: a person's file is wrong, not an argument. */
export function located<T>(place: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Problem) || error.text.code !== 'bad-text') throw error;
    const { what, next = '' } = error.parts;
    throw hostsInvalid(place, what, next);
  }
}
