import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globPart } from '../../../src/ssh/glob.ts';
import { matchesPieces, piecesOf } from '../../../src/ssh/wildcard.ts';

const matches = (pattern: string, text: string) => matchesPieces(piecesOf(pattern), text);

describe('a pattern with stars', () => {
  it.each([
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['?', '', false],
    ['a*', 'abc', true],
    ['*c', 'abc', true],
    ['*b', 'abc', false],
    ['a*c*e', 'abcde', true],
    ['a*c*e', 'abced', false],
    ['**?', 'a', true],
    ['*ab', 'aab', true],
    ['[a]', '[a]', true],
  ])('%j and %j', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it('matches what a regular expression would', () => {
    const sign = fc.constantFrom('a', 'b', '*', '?');
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 8 }), fc.stringMatching(/^[ab]{0,8}$/), (signs, text) => {
        const source = signs.join('').replaceAll('*', '.*').replaceAll('?', '.');
        expect(matches(signs.join(''), text)).toBe(new RegExp(`^${source}$`).test(text));
      }),
    );
  });

  it('ends soon, whatever the pattern is', () => {
    const stars = 'a*'.repeat(2000);
    expect(matches(`${stars}b`, 'a'.repeat(2000))).toBe(false);
    expect(globPart(`${'*a'.repeat(100)}b`)('a'.repeat(200))).toBe(false);
  });
});
