import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { Problem } from '../../../../src/base/problem.ts';
import { ALICE, FILE } from '../support.ts';

const VALID = `[gate] # what is hidden
ports = ["tcp/22", "udp/51820"]
knock_ports = [443, 62201]
slots = 32
trusted_networks = [
  "10.0.0.0/8", # the office
]
echo = "answer"

[[client]]
name = "alice"
key = "${ALICE.key}"
not_before = 2026-01-01T00:00:00Z
enabled = true
`;

/** Expects any text to be read, or refused with a line; anything else would be a crash. */
function isReadOrRefused(text: string): boolean {
  try {
    parseGateConfig(text, FILE);
    return true;
  } catch (error) {
    return error instanceof Problem && error.text.code === 'config-invalid' && error.text.what.startsWith(`${FILE}:`);
  }
}

const pieces = [
  '[',
  ']',
  '[[',
  '"',
  "'",
  '"""',
  '=',
  '.',
  '#',
  '\n',
  '\r',
  ',',
  '{',
  '}',
  '1',
  '-',
  'x',
  '\u0000',
  '\u{1f511}',
  ' ',
];
const edit = fc.record({
  at: fc.nat(VALID.length),
  cut: fc.nat(12),
  put: fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 6 })),
});

describe('any text', () => {
  it('is told of without what a terminal would obey', () => {
    const read = () => parseGateConfig('["a\\u009b31m\\u202e"]\n[gate]\n"\\u001bc" = 1\n', FILE);
    expect(read).toThrow(/unknown table \[a\\u009b31m\\u202e\]/);
    expect(read).not.toThrow(/[\u009b\u202e]/);
  });

  it('is read or refused with a line', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), isReadOrRefused), { numRuns: 300 });
  });

  it('made of TOML’s own signs is read or refused with a line', () => {
    const text = fc.array(fc.constantFrom(...pieces, 'gate', 'client', 'name', 'ports'), { maxLength: 60 });
    fc.assert(
      fc.property(text, (words) => isReadOrRefused(words.join(''))),
      { numRuns: 500 },
    );
  });

  it('that was a good file is read or refused with a line', () => {
    const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(edits, (changes) =>
        isReadOrRefused(
          changes.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), VALID),
        ),
      ),
      { numRuns: 500 },
    );
  });
});
