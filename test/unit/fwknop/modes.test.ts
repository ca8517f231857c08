import { createCipheriv, createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptBlocks, encryptBlocks } from '../../../src/fwknop/modes.ts';
import { bytesArbitrary, hex } from '../spa/support.ts';
import { PROVIDERS } from './support.ts';

/** Our modes are built on single blocks; OpenSSL's own are the judge. */
const OPENSSL = { cbc: 'aes-256-cbc', cfb: 'aes-256-cfb', ofb: 'aes-256-ofb', ctr: 'aes-256-ctr', ecb: 'aes-256-ecb' };
const blocks = fc.integer({ min: 1, max: 20 }).chain((count) => bytesArbitrary(count * 16));

describe.each(PROVIDERS)('modes, $name', ({ crypto }) => {
  for (const mode of ['cbc', 'cfb', 'ofb', 'ctr', 'ecb'] as const) {
    it(`${mode} is that of OpenSSL`, () => {
      fc.assert(
        fc.property(bytesArbitrary(32), bytesArbitrary(16), blocks, (key, iv, data) => {
          const cipher = createCipheriv(OPENSSL[mode], key, mode === 'ecb' ? null : iv).setAutoPadding(false);
          const decipher = createDecipheriv(OPENSSL[mode], key, mode === 'ecb' ? null : iv).setAutoPadding(false);
          expect(hex(encryptBlocks(crypto.aes(key), mode, iv, data))).toBe(cipher.update(data).toString('hex'));
          expect(hex(decryptBlocks(crypto.aes(key), mode, iv, data))).toBe(decipher.update(data).toString('hex'));
        }),
        { numRuns: 50 },
      );
    });
  }

  it('count over the end of a counter', () => {
    const [key, iv, data] = [new Uint8Array(32), new Uint8Array(16).fill(0xff), new Uint8Array(48)];
    const expected = createCipheriv('aes-256-ctr', key, iv).update(data);
    expect(hex(encryptBlocks(crypto.aes(key), 'ctr', iv, data))).toBe(hex(expected));
  });

  it('take whole blocks only', () => {
    expect(() => encryptBlocks(crypto.aes(new Uint8Array(32)), 'cbc', new Uint8Array(16), new Uint8Array(15))).toThrow(
      'not whole blocks',
    );
  });
});
