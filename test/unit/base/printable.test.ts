import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inEnglish, inWords, joined, phrase } from '../../../src/base/phrase.ts';
import { codeSpan, oneLine, printable, quote, withoutLinks } from '../../../src/base/printable.ts';

/** The pattern by which the editor finds links in a notification, read in VS Code 1.139. */
const EDITORS_LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Texts from elsewhere, and how a line of ours shows them. */
const NASTY: readonly (readonly [what: string, text: string, line: string])[] = [
  ['a control character', 'a\u001b[2Jb\u0007', 'a\\u001b[2Jb\\u0007'],
  ['one of the second set', 'a\u009b2Jb', 'a\\u009b2Jb'],
  ['delete and null', 'a\u007f\0b', 'a\\u007f\\u0000b'],
  ['a return, which begins the line again', 'safe\revil', 'safe\\u000devil'],
  ['lines', 'a\r\nb\n\tc', 'a b c'],
  ['other ends of lines', 'a\u2028b\u2029c\u0085d', 'a\\u2028b\\u2029c\\u0085d'],
  ['text turned round', 'a\u202etxt.exe\u2066b', 'a\\u202etxt.exe\\u2066b'],
  ['zero width', 'a\u200bb\u200dc\ufeffd\u2060e', 'a\\u200bb\\u200dc\\ufeffd\\u2060e'],
  ['blanks that look like nothing', 'a\u3164b\u115fc\ufe0fd', 'a\\u3164b\\u115fc\\ufe0fd'],
  ['tags', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
  ['half a character', 'a\ud800b', 'a\\ud800b'],
  ['a link of a terminal', '\u001b]8;;http://x\u0007y', '\\u001b]8;;http://x\\u0007y'],
  ['a link to a command', '[go](command:a.b?%7B%7D)', '[go] (command:a.b?%7B%7D)'],
  ['a link to a page', '[go](http://x "t") [go](HTTPS://x)', '[go] (http://x "t") [go] (HTTPS://x)'],
  ['a link to a file', '[go](file:///etc/passwd)', '[go] (file:///etc/passwd)'],
  ['a link in a link', '[[a](command:b)](command:c)', '[[a] (command:b)] (command:c)'],
  ['a link with something invisible in it', '[go]\u200b(command:a)', '[go]\\u200b(command:a)'],
  ['a link over two lines', '[go]\n(command:a)', '[go] (command:a)'],
  ['HTML', '<a href="http://x">y</a>', '<a href="http://x">y</a>'],
  ['what is long', 'x'.repeat(5000), `${'x'.repeat(99)}…`],
  ['what is harmless', 'büro (a) [b] € 日本', 'büro (a) [b] € 日本'],
];

describe('a text from elsewhere', () => {
  it.each(NASTY)('on one line: %s', (_, text, line) => {
    expect(oneLine(text, 100)).toBe(line);
  });

  it.each(NASTY)('in a sentence, and by itself: %s', (_, text) => {
    const nested = phrase('{0}', joined([phrase('Said: {0}', text), text], ' '));
    for (const said of [inWords(nested), inEnglish(nested), inWords(text)]) {
      expect(said).not.toMatch(INVISIBLE);
      expect(said).not.toMatch(EDITORS_LINK);
    }
  });

  it('keeps its lines and tabs, and what is written in any language', () => {
    expect(printable('a\tb\r\nä\u001b[2Jc\u009b\u202e\r')).toBe('a\tb\nä\\u001b[2Jc\\u009b\\u202e\\u000d');
    expect(printable('日本 €')).toBe('日本 €');
  });

  it('is nothing but code in a document', () => {
    expect(codeSpan('`[x](y)` <img>\n# z', 100)).toBe("`'[x] (y)' <img> # z`");
  });

  it('has no link, whatever its parts are', () => {
    const parts = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      'a',
      ' ',
      'command:',
      'http://',
      'file:',
      '"',
      '\u200b',
      '\n',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (words) => {
        const said = withoutLinks(printable(words.join('')));
        expect(said.replaceAll('\n', ' ')).not.toMatch(EDITORS_LINK);
        expect(said).not.toMatch(INVISIBLE);
        expect(withoutLinks(printable(said))).toBe(said);
      }),
    );
  });
});

describe('texts of ours', () => {
  it.each(['l10n/bundle.l10n.json', 'l10n/bundle.l10n.de.json'])('in %s make no link with a value', (path) => {
    const texts = Object.values(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>);
    expect(texts.filter((text) => /[\]}]\(/.test(text))).toEqual([]);
  });
});

describe('a quotation', () => {
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
  ])('of %j is %s', (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });

  it('is short, on one line, and still JSON', () => {
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
