import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { badText, ExitCode, Problem, printable, quote } from '../../../src/spa/problem.ts';

describe('problems', () => {
  it('say what, why and what next, a line each, and leave out what there is not', () => {
    const text = { code: 'c', what: 'What.', why: 'Why.', next: 'Next.', exit: ExitCode.fault };
    expect(new Problem(text).message).toBe('What.\nWhy.\nNext.');
    expect(new Problem({ code: 'c', what: 'What.', next: 'Next.', exit: 0 }).message).toBe('What.\nNext.');
    expect(new Problem(text).text).toEqual(text);
    expect(new Problem(text)).toBeInstanceOf(Error);
  });

  it('badText names the field, quotes what was found, and says what would be right', () => {
    const { text, message } = badText('slots', '7', 'a number from 8 to 64');
    expect(message).toBe('slots: "7" is not right.\nExpected a number from 8 to 64.');
    expect(text).toMatchObject({ code: 'bad-text', exit: ExitCode.usage });
  });

  it('a text from elsewhere keeps its lines, and nothing that a terminal obeys', () => {
    expect(printable('a\tb\nä\u001b[2Jc\u009b\u202e\r')).toBe('a\tb\nä\\u001b[2Jc\\u009b\\u202e\\u000d');
  });

  it.each([
    ['a\u001b[2Jb', '"a\\u001b[2Jb"'],
    ['a\u009b2Jb', '"a\\u009b2Jb"'],
    ['a\u007fb', '"a\\u007fb"'],
    ['a\u202eb', '"a\\u202eb"'],
    ['a\u200bb', '"a\\u200bb"'],
    ['a\u2028b', '"a\\u2028b"'],
    ['a\ud800b', '"a\\ud800b"'],
    ['a\u{e0041}b', '"a\\udb40\\udc41b"'],
    ['a"\\b', '"a\\"\\\\b"'],
    ['büro €', '"büro €"'],
  ])('%j is quoted as %s', (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });

  it('a quotation is short, on one line, and still JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        const quoted = quote(text);
        expect(quoted).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        const read: unknown = JSON.parse(quoted);
        expect(read).toBe(text.length <= 60 ? text : `${text.slice(0, 57)}…`);
      }),
    );
  });
});
