import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseKeyFile } from '../../../src/fwknop/key-file.ts';

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

describe('a file of fwknop keys', () => {
  it('is what fwknop --key-gen prints', () => {
    const bytes = (most: number) => fc.uint8Array({ minLength: 1, maxLength: most });
    fc.assert(
      fc.property(bytes(32), bytes(128), (key, hmacKey) => {
        fc.pre(base64(key) !== base64(hmacKey));
        const text = `KEY_BASE64: ${base64(key)}\nHMAC_KEY_BASE64: ${base64(hmacKey)}\n`;
        expect(parseKeyFile(text)).toEqual({ key, hmacKey });
      }),
    );
  });

  it('may have keys as texts, comments, one key only', () => {
    expect(parseKeyFile('# mine\n\n  KEY   secret\r\n')).toEqual({
      key: Uint8Array.from(Buffer.from('secret')),
      hmacKey: undefined,
    });
  });

  it.each([
    ['nothing', ''],
    ['an HMAC key only', 'HMAC_KEY x'],
    ['a key twice', 'KEY a\nKEY_BASE64 Yg=='],
    ['both the same', 'KEY abc\nHMAC_KEY abc'],
    ["fwknop's placeholder", 'KEY __CHANGEME__'],
    ['a key of 33 bytes', `KEY ${'a'.repeat(33)}`],
    ['an HMAC key of 129 bytes', `KEY a\nHMAC_KEY ${'a'.repeat(129)}`],
    ['base64 that is none', 'KEY_BASE64 ?'],
    ['base64 padded too much', 'KEY_BASE64 YWI=='],
    ['base64 with unused bits', 'KEY_BASE64 YR=='],
    ['another word', 'PASSWORD x'],
    ['a key with blanks', 'KEY a b'],
    ['a line that goes on', 'KEY a;'.concat('\n;')],
  ])('is not %s', (_, text) => {
    expect(parseKeyFile(text)).toBeUndefined();
  });

  it('of any text never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseKeyFile(`KEY ${text}`)));
  });
});
