import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GateConfig, parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { Kept } from '../../../../server-helper/config/kept.ts';
import { readTables, TomlErrors } from '../../../../server-helper/config/toml-table.ts';
import { Problem } from '../../../../src/base/problem.ts';
import { ALICE, BOB, Device, FILE, problemOf } from '../support.ts';

const CAROL = new Device(3);
const client = (name: string, { key }: Device, more = '') => `\n[[client]]\nname = "${name}"\nkey = "${key}"\n${more}`;
const GATE = '[gate]\nports = ["tcp/22", "tcp/80"]\n';
const BOTH = `${GATE}${client('alice', ALICE)}${client('bob', BOB)}`;

/** Reads one text after the other with the same things kept. @returns the clients of each */
function readInTurn(...texts: readonly string[]): GateConfig['clients'][] {
  const kept = new Kept();
  return texts.map((text) => parseGateConfig(text, FILE, kept).clients);
}

/** The configuration in a text, or its errors. */
function resultOf(text: string, kept?: Kept): unknown {
  try {
    return parseGateConfig(text, FILE, kept);
  } catch (error) {
    if (error instanceof Problem) return error.text;
    throw error;
  }
}

describe('a client whose table is as it was', () => {
  it.each([
    ['behind another that is new', `${GATE}${client('carol', CAROL)}${client('alice', ALICE)}`],
    ['before another that is new', `${GATE}${client('alice', ALICE)}${client('carol', CAROL)}`],
    ['when another is gone', `${GATE}${client('alice', ALICE)}`],
    ['when another has changed', `${GATE}${client('alice', ALICE)}${client('bob', BOB, 'enabled = false\n')}`],
    ['before a table without a client', `${BOTH}\n[[client]]\nname = "carol"\nkey = "${CAROL.key}"\n`],
  ])('stays the same object %s', (_, text) => {
    const [before, after] = readInTurn(BOTH, text);
    const alice = after?.find(({ name }) => name === 'alice');
    expect(alice).toBe(before?.[0]);
  });

  it.each([
    ['its own table', BOTH.replace('name = "alice"\n', 'name = "alice"\nlongest_grant = 7\n'), { longestGrant: 7 }],
    [
      'the ports that the gate hides',
      BOTH.replace(', "tcp/80"', ''),
      { ports: [{ protocol: 'tcp', first: 22, last: 22 }] },
    ],
    ['the longest grant of the gate', BOTH.replace('[gate]\n', '[gate]\nlongest_grant = 90\n'), { longestGrant: 90 }],
    ['strictness of the gate', BOTH.replace('[gate]\n', '[gate]\nstrict = true\n'), { strict: true }],
  ])('is read anew when a change of %s says something else of it', (_, text, read) => {
    const [before, after] = readInTurn(BOTH, text);
    expect(after?.[0]).not.toBe(before?.[0]);
    expect(after?.[0]).toMatchObject(read);
    expect(after).toEqual(parseGateConfig(text, FILE).clients);
  });

  it('is read anew when its forward leads elsewhere', () => {
    const text = (to: number) =>
      `${GATE}\n[[forward]]\nname = "inner"\nport = "tcp/80"\nto_port = ${to}\n${client('alice', ALICE, 'forwards = ["inner"]\n')}`;
    const [, after] = readInTurn(text(8080), text(9090));
    expect(after?.[0]?.forwards[0]?.toPort).toBe(9090);
  });

  it.each([
    ['by spaces', '\n  '],
    ['by a tab', '\r\n\t'],
  ])('is read anew when a [gate] changes that is behind it, indented %s', (_, indent) => {
    const text = (gate: string) => `${client('alice', ALICE)}${client('bob', BOB)}${indent}[gate]\n${gate}\n`;
    const [, after] = readInTurn(text('strict = false'), text('strict = true\nlongest_grant = 60'));
    expect(after?.map(({ strict, longestGrant }) => [strict, longestGrant])).toEqual([
      [true, 60],
      [true, 60],
    ]);
  });

  it('is read anew when a forward changes that is behind another client, indented', () => {
    const text = (to: number) =>
      `${GATE}${client('alice', ALICE, 'forwards = ["inner"]\n')}${client('bob', BOB)}  [[forward]]\n  name = "inner"\n  port = "tcp/80"\n  to_port = ${to}\n`;
    const [, after] = readInTurn(text(8080), text(9090));
    expect(after?.[0]?.forwards[0]?.toPort).toBe(9090);
  });

  it('is read anew when its forward is within the text of another client by now', async () => {
    const text = (start: string, end: string) =>
      `${GATE}${client('alice', ALICE, 'forwards = ["inner"]\n')}${client('bob', BOB, start)}\n[[forward]]\nname = "inner"\nport = "tcp/80"\nto_port = 8080\n${client('carol', CAROL, end)}`;
    const kept = new Kept();
    parseGateConfig(text('', ''), FILE, kept);
    const { what } = await problemOf(() => parseGateConfig(text('psk_file = """/x\n', '#"""\n'), FILE, kept));
    expect(what).toMatch(/^gate.toml:7: /);
  });

  it('is an error like any other when the gate no longer hides its ports', async () => {
    const kept = new Kept();
    parseGateConfig(BOTH.replace('name = "bob"\n', 'name = "bob"\nports = ["tcp/80"]\n'), FILE, kept);
    const text = BOTH.replace('name = "bob"\n', 'name = "bob"\nports = ["tcp/80"]\n').replace(', "tcp/80"', '');
    const { what } = await problemOf(() => parseGateConfig(text, FILE, kept));
    expect(what).toBe(`${FILE}:10: tcp/80 of bob is not among the ports that the gate hides`);
  });
});

describe('reading a text again and again', () => {
  it('gives the same as reading it once, however often a client changes, and changes back', () => {
    const texts = Array.from({ length: 400 }, (_, n) => BOTH.replace('name = "bob"\n', `name = "bob${n % 350}"\n`));
    const read = readInTurn(BOTH, ...texts, BOTH);
    expect(read).toEqual([BOTH, ...texts, BOTH].map((text) => parseGateConfig(text, FILE).clients));
    expect(new Set(read.map(([alice]) => alice)).size).toBe(1);
  });

  it('leaves out what is gone, and reads it anew under other settings when it comes back', () => {
    const without = `${GATE}${client('alice', ALICE)}`;
    const strict = (text: string) => text.replace('[gate]\n', '[gate]\nstrict = true\n');
    const read = readInTurn(BOTH, without, strict(without), strict(BOTH), BOTH);
    expect(read.map((clients) => clients.map(({ name, strict: is }) => `${name} ${is}`))).toEqual([
      ['alice false', 'bob false'],
      ['alice false'],
      ['alice true'],
      ['alice true', 'bob true'],
      ['alice false', 'bob false'],
    ]);
  });
});

describe('an error beside clients that are kept', () => {
  it.each([
    ['a name that is taken', `${client('bob', CAROL)}${client('alice', ALICE)}${client('bob', BOB)}`, 12, 'line 4'],
    ['a key that is taken', `${client('carol', ALICE)}${client('alice', ALICE)}`, 8, 'same key as carol'],
    ['the same table twice', `${client('alice', ALICE)}${client('alice', ALICE)}`, 8, 'client of line 4'],
    ['a broken table', `${client('carol', CAROL, 'enabled = 1\n')}${client('alice', ALICE)}`, 7, 'true or false'],
    ['no TOML', `${client('alice', ALICE)}${client('bob', BOB, 'enabled = x\n')}`, 11, 'not valid TOML'],
  ])('names its line in the text of now: %s', async (_, clients, line, said) => {
    const kept = new Kept();
    parseGateConfig(BOTH, FILE, kept);
    const { what } = await problemOf(() => parseGateConfig(`${GATE}${clients}`, FILE, kept));
    expect(what).toMatch(new RegExp(`^${FILE}:${line}: [^\n]*${said}[^\n]*$`));
  });

  it('keeps what was good', () => {
    const kept = new Kept();
    const [alice] = parseGateConfig(BOTH, FILE, kept).clients;
    resultOf(`${BOTH}nonsense = 1\n`, kept);
    expect(parseGateConfig(BOTH, FILE, kept).clients[0]).toBe(alice);
  });
});

const pieces = [
  '[',
  ']',
  '\n[',
  '"',
  '"""',
  "'''",
  '=',
  '#',
  '\n',
  '\r',
  ',',
  '1',
  'x',
  ' ',
  '[[client]]\n',
  'name = "bob"\n',
  '\n [[forward]]\n',
];
const edit = fc.record({ at: fc.nat(BOTH.length), cut: fc.nat(40), put: fc.constantFrom('', ...pieces) });
const edited = fc
  .array(edit, { minLength: 1, maxLength: 3 })
  .map((edits) => edits.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), BOTH));

describe('reading a text table by table', () => {
  it('gives the same with and without what is kept of another text', () => {
    fc.assert(
      fc.property(fc.array(edited, { minLength: 1, maxLength: 3 }), (texts) => {
        const kept = new Kept();
        parseGateConfig(BOTH, FILE, kept);
        for (const text of texts) expect(resultOf(text, kept)).toEqual(resultOf(text));
      }),
      { numRuns: 300 },
    );
  });

  it('refuses what is not TOML as a whole, with the same words', () => {
    fc.assert(
      fc.property(edited, (text) => {
        const whole = errorOf(() => readTables(text, new TomlErrors(FILE)));
        const found = errorOf(() => parseGateConfig(text, FILE));
        // Of a table that occurs twice, the reader of [gate] says so in other words.
        if (whole?.includes('multiple times') === true) expect(found).toBeDefined();
        else if (whole !== undefined) expect(found).toBe(whole);
        else expect(found ?? '').not.toContain('not valid TOML');
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a text of several lines', 'name = """\nalice"""\nkey', ''],
    ['one with a bracket at the beginning of a line', 'x = """\n[[client]]\n"""\nname = "alice"\nkey', 'unknown key x'],
    ['a list with a bracket at the beginning of a line', 'x = [\n[1],\n[2]]\nname = "alice"\nkey', 'unknown key x'],
  ])('takes %s for what it is', (_, lines, said) => {
    const text = BOTH.replace('name = "alice"\nkey', lines);
    const whole = readTables(text, new TomlErrors(FILE));
    expect(whole.map(({ name }) => name)).toEqual(['gate', 'client', 'client']);
    const found = errorOf(() => parseGateConfig(text, FILE));
    expect(found?.split(';')[0] ?? '').toBe(said === '' ? '' : `${FILE}:5: ${said}`);
  });
});

function errorOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.text.what;
    throw error;
  }
}
