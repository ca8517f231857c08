import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../src/base/problem.ts';
import { formatKey, newPrivateKey, parsePublicKey, parseSecretKey } from '../../../src/spa/keys.ts';
import { bytesArbitrary, bytesOf, hex, PROVIDERS } from './support.ts';

const WRONG = [
  '',
  'A',
  'A'.repeat(42),
  'A'.repeat(44),
  `${'A'.repeat(42)}B`,
  `${'A'.repeat(43)}=`,
  `+${'A'.repeat(42)}`,
];

describe('keys', () => {
  it('are 43 characters, and read back', () => {
    fc.assert(
      fc.property(bytesArbitrary(32), (key) => {
        const text = formatKey(key);
        expect(text).toMatch(/^[A-Za-z0-9_-]{43}$/);
        expect(parsePublicKey(text)).toEqual(key);
        expect(parseSecretKey(text)).toEqual(key);
      }),
    );
  });

  it.each(WRONG)('%j is not a key', (text) => {
    expect(parseSecretKey(text)).toBeUndefined();
    expect(() => parsePublicKey(text, 'gate key')).toThrow(Problem);
    expect(() => parsePublicKey(text, 'gate key')).toThrow(/^gate key: /);
  });

  it('only 43 characters of base64url are a key, and nothing but a Problem is thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        fc.pre(!/^[A-Za-z0-9_-]{43}$/.test(text));
        expect(parseSecretKey(text)).toBeUndefined();
        expect(() => parsePublicKey(text)).toThrow(Problem);
      }),
    );
  });

  it.each(PROVIDERS)('a new private key is 32 bytes of the randomness of $name', ({ crypto }) => {
    expect(newPrivateKey(crypto)).toHaveLength(32);
    expect(hex(newPrivateKey(crypto))).not.toBe(hex(newPrivateKey(crypto)));
    expect(newPrivateKey({ ...crypto, randomBytes: (length) => bytesOf('drawn', length) })).toEqual(bytesOf('drawn'));
  });
});
