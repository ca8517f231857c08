import type { AST } from 'toml-eslint-parser';
import { ParseError } from 'toml-eslint-parser/lib/errors.js';
// The parser alone, without the parts for eslint, which would make the daemon larger.
import { TOMLParser } from 'toml-eslint-parser/lib/toml-parser/index.js';
import { printable } from '../../src/base/printable.ts';
import { badText, Problem } from '../../src/base/problem.ts';

import { configInvalid } from '../problems.ts';

type Value = AST.TOMLContentNode;

/** A table of a TOML file, with the line of everything in it. */
export interface TomlTable {
  /** `gate`, or `client` of `[[client]]`. */
  readonly name: string;
  readonly line: number;
  /** Last line that belongs to the table. */
  readonly lastLine: number;
  readonly isArrayElement: boolean;
  readonly entries: ReadonlyMap<string, { readonly value: Value; readonly line: number }>;
}

/** Collects all faults of a file with their lines, so that one run shows every fault. */
export class TomlErrors {
  readonly found: string[] = [];
  private readonly file: string;
  private readonly places = new Map<object, number>();
  private known: Parameters<TomlErrors['placeKnown']>[0] = [];

  constructor(file: string) {
    this.file = file;
  }

  add(line: number, text: string): void {
    this.found.push(this.textOf(line, text));
  }

  /** The one error of a text that is not TOML. */
  notToml(line: number, why: string): Problem {
    return configInvalid([this.textOf(line, `not valid TOML: ${why}`)]);
  }

  /** Notes the line of a client or stanza. */
  place(what: object, line: number): void {
    this.places.set(what, line);
  }

  /** Notes the lines of clients that were read from an earlier text. */
  placeKnown(parts: readonly { readonly known?: object | undefined; readonly line: number }[]): void {
    this.known = parts;
  }

  /** The line that was noted. */
  lineOf(what: object): number {
    // Thousands are known, and only an error asks.
    for (const { known, line } of this.known) if (known !== undefined) this.places.set(known, line);
    this.known = [];
    return this.places.get(what) ?? 1;
  }

  private textOf(line: number, text: string): string {
    // Names of tables and keys may contain any character.
    return `${this.file}:${line}: ${printable(text)}`;
  }
}

/**
 * Splits a TOML text into its top-level tables. Keys outside a table, nested tables and dotted keys are errors: gate.toml
 * has none.
 * @param firstLine line of the file in which the text begins
 * @throws Problem `config-invalid` when the text is not TOML
 */
export function readTables(text: string, errors: TomlErrors, firstLine = 1): TomlTable[] {
  const parsed = parse(text);
  if (!(parsed instanceof ParseError)) return tablesIn(parsed, errors, firstLine);
  throw errors.notToml(parsed.lineNumber + firstLine - 1, parsed.message);
}

/** As `readTables`; undefined when the text is not TOML by itself. */
export function tablesOf(text: string, errors: TomlErrors, firstLine: number): TomlTable[] | undefined {
  const parsed = parse(text);
  return parsed instanceof ParseError ? undefined : tablesIn(parsed, errors, firstLine);
}

function parse(text: string): AST.TOMLProgram | ParseError {
  try {
    return new TOMLParser(text, { tomlVersion: '1.0' }).parse();
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
}

function tablesIn(program: AST.TOMLProgram, errors: TomlErrors, firstLine: number): TomlTable[] {
  const offset = firstLine - 1;
  const tables: TomlTable[] = [];
  for (const node of program.body[0].body) {
    const { start, end } = node.loc;
    if (node.type === 'TOMLKeyValue') {
      errors.add(start.line + offset, 'a key outside a table; put it under [gate] or [[client]]');
      continue;
    }
    tables.push({
      name: node.key.keys.map(nameOf).join('.'),
      line: start.line + offset,
      lastLine: end.line + offset,
      isArrayElement: node.kind === 'array',
      entries: entriesOf(node.body, errors, offset),
    });
  }
  return tables;
}

function entriesOf(body: readonly AST.TOMLKeyValue[], errors: TomlErrors, offset: number): TomlTable['entries'] {
  const entries = new Map<string, { value: Value; line: number }>();
  for (const { key, value, loc } of body) {
    const name = key.keys.map(nameOf).join('.');
    const line = loc.start.line + offset;
    if (entries.has(name)) errors.add(line, `${name} occurs twice`);
    else entries.set(name, { value, line });
  }
  return entries;
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === 'TOMLBare' ? key.name : key.value;
}

/**
 * Reads the fields of one table. For a bad value it notes an error with its line and returns the default, so that reading
 * goes on and finds the other errors too.
 */
export class TableReader {
  private readonly table: TomlTable;
  private readonly errors: TomlErrors;
  private readonly known = new Set<string>();

  constructor(table: TomlTable, errors: TomlErrors) {
    this.table = table;
    this.errors = errors;
  }

  text<T, D>(key: string, parse: (text: string, field: string) => T, missing: D): T | D {
    return this.read(key, missing, (value) => parse(stringOf(value), key));
  }

  texts<T>(key: string, parse: (text: string, field: string) => T, missing: readonly T[]): readonly T[] {
    return this.read(key, missing, (value) => elementsOf(value).map((element) => parse(stringOf(element), key)));
  }

  number<D>(key: string, least: number, most: number, missing: D): number | D {
    return this.read(key, missing, (value) => wholeNumber(value, least, most));
  }

  numbers(key: string, least: number, most: number, missing: readonly number[]): readonly number[] {
    return this.read(key, missing, (value) => elementsOf(value).map((element) => wholeNumber(element, least, most)));
  }

  boolean(key: string, missing: boolean): boolean {
    return this.read(key, missing, (value) => {
      if (value.type === 'TOMLValue' && value.kind === 'boolean') return value.value;
      throw new Expected('true or false');
    });
  }

  /** A date with time and offset, in unix milliseconds. */
  date(key: string): number | undefined {
    return this.read(key, undefined, (value) => {
      if (value.type === 'TOMLValue' && value.kind === 'offset-date-time') return value.value.getTime();
      throw new Expected('a date with its offset, such as 2026-01-01T00:00:00Z (without quotation marks)');
    });
  }

  choice<T extends string>(key: string, choices: readonly T[], missing: T): T {
    return this.read(key, missing, (value) => {
      const text = stringOf(value);
      const chosen = choices.find((choice) => choice === text);
      if (chosen === undefined) throw new Expected(choices.map((choice) => JSON.stringify(choice)).join(' or '));
      return chosen;
    });
  }

  /** Notes an error at a key's line, or at the table's when the key is not there. */
  fail(key: string, text: string): void {
    this.errors.add(this.table.entries.get(key)?.line ?? this.table.line, text);
  }

  has(key: string): boolean {
    return this.table.entries.has(key);
  }

  /** Notes every key that was not read: it is unknown. */
  finish(): void {
    for (const [key, { line }] of this.table.entries) {
      if (!this.known.has(key))
        this.errors.add(line, `unknown key ${key}; [${this.table.name}] knows ${[...this.known].join(', ')}`);
    }
  }

  private read<T, D>(key: string, missing: D, convert: (value: Value) => T): T | D {
    this.known.add(key);
    const entry = this.table.entries.get(key);
    if (entry === undefined) return missing;
    try {
      return convert(entry.value);
    } catch (error) {
      if (error instanceof Expected) this.errors.add(entry.line, `${key} should be ${error.message}`);
      else if (error instanceof Problem) this.errors.add(entry.line, [error.text.what, error.text.next].join(' '));
      else throw error;
      return missing;
    }
  }
}

/** For `text`: an absolute path, which means the same in whatever folder the daemon is started. */
export function absolutePath(text: string, field: string): string {
  if (!text.startsWith('/')) throw badText(field, text, 'an absolute path');
  return text;
}

class Expected extends Error {}

function stringOf(value: Value): string {
  if (value.type === 'TOMLValue' && value.kind === 'string') return value.value;
  throw new Expected('a text in quotation marks');
}

function elementsOf(value: Value): readonly Value[] {
  if (value.type === 'TOMLArray') return value.elements;
  throw new Expected('a list in [ ]');
}

function wholeNumber(value: Value, least: number, most: number): number {
  if (value.type === 'TOMLValue' && value.kind === 'integer') {
    const number = Number(value.value);
    if (number >= least && number <= most) return number;
  }
  throw new Expected(`a whole number from ${least} to ${most}`);
}
