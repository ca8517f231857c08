import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, toBase64Url } from '../../../../src/base/bytes.ts';
import { deriveWithScrypt } from '../../../../src/client/keys/scrypt.ts';
import { newSealKey, type SealingIo, type Secrets, seal, unseal } from '../../../../src/client/keys/sealed-key-file.ts';
import { nobleCrypto } from '../../../../src/spa/crypto-noble.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { problemOf } from '../support.ts';

/** A derivation that costs nothing: what surrounds it is tested here. */
const QUICK: SealingIo = {
  crypto: nodeCrypto,
  deriveKey: async (passphrase, salt) => nodeCrypto.sha256(concat(salt, passphrase)),
};
const REAL: SealingIo = { crypto: nodeCrypto, deriveKey: deriveWithScrypt };
const SECRETS: Secrets = new Map([
  ['identity', 'default'],
  ['key', 'x'.repeat(43)],
]);
const PASSPHRASE = 'correct horse battery staple';

const sealed = async (secrets = SECRETS, io = QUICK) => seal(secrets, await newSealKey(PASSPHRASE, io), io);
const codeOf = async (text: string, passphrase = PASSPHRASE) =>
  (await problemOf(() => unseal(text, passphrase, 'keys', QUICK))).code;

describe('a sealed file', () => {
  it('gives back what was put in', async () => {
    const texts = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), {
      noNullPrototype: true,
    });
    await fc.assert(
      fc.asyncProperty(texts, fc.string({ unit: 'grapheme' }), async (record, passphrase) => {
        const secrets = new Map(Object.entries(record).filter(([name]) => name !== '__proto__'));
        const text = seal(secrets, await newSealKey(passphrase, QUICK), QUICK);
        expect((await unseal(text, passphrase, 'keys', QUICK)).secrets).toEqual(secrets);
      }),
    );
  });

  it('opens with the real derivation, in either provider, and can be written again without the passphrase', async () => {
    const text = await sealed(SECRETS, REAL);
    const noble: SealingIo = { crypto: nobleCrypto(nodeCrypto.randomBytes), deriveKey: deriveWithScrypt };
    const { secrets, sealKey } = await unseal(text, PASSPHRASE, 'keys', noble);
    expect(secrets).toEqual(SECRETS);
    const again = seal(new Map([['a', 'b']]), sealKey, noble);
    expect((await unseal(again, PASSPHRASE, 'keys', REAL)).secrets).toEqual(new Map([['a', 'b']]));
    expect((await problemOf(() => unseal(text, 'other', 'keys', REAL))).code).toBe('passphrase-wrong');
  });

  it('never looks the same twice', async () => {
    const sealKey = await newSealKey(PASSPHRASE, QUICK);
    expect(seal(SECRETS, sealKey, QUICK)).not.toBe(seal(SECRETS, sealKey, QUICK));
    expect((await newSealKey(PASSPHRASE, QUICK)).salt).not.toEqual(sealKey.salt);
  });

  it('opens with the same passphrase from another keyboard', async () => {
    const text = seal(SECRETS, await newSealKey('caf\u00e9', QUICK), QUICK);
    expect((await unseal(text, 'cafe\u0301', 'keys', QUICK)).secrets).toEqual(SECRETS);
  });

  it('stays shut to another passphrase', async () => {
    const text = await sealed();
    for (const other of ['', PASSPHRASE.slice(1), PASSPHRASE.toUpperCase(), `${PASSPHRASE} `])
      expect(await codeOf(text, other)).toBe('passphrase-wrong');
  });

  it('is refused when any bit of any byte is flipped', async () => {
    const bytes = Buffer.from(await sealed(), 'latin1');
    for (const [i, byte] of bytes.entries()) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(bytes);
        flipped[i] = byte ^ (1 << bit);
        expect(await codeOf(flipped.toString('latin1'))).toMatch(/^(passphrase-wrong|sealed-file-(invalid|newer))$/);
      }
    }
  });

  it('is refused when anything is missing or added', async () => {
    const text = await sealed();
    for (let length = 0; length < text.length; length++)
      expect(await codeOf(text.slice(0, length))).toMatch(/^(passphrase-wrong|sealed-file-invalid)$/);
    for (const more of ['\n', ' ', 'A', 'AAAA\n', '\0']) expect(await codeOf(text + more)).toBe('sealed-file-invalid');
    expect(await codeOf(` ${text}`)).toBe('sealed-file-invalid');
    expect(await codeOf(text.replaceAll('\n', '\r\n'))).toBe('sealed-file-invalid');
    expect(await codeOf(`${text.slice(0, -1)}${'A'.repeat(1 << 20)}\n`)).toBe('sealed-file-invalid');
  });

  it('of a newer version says so', async () => {
    expect(await codeOf((await sealed()).replace(' 1 ', ' 2 '))).toBe('sealed-file-newer');
  });

  it.each(['[]', 'null', '"a"', '{"a":1}', '{'])('that holds %s is none', async (plaintext) => {
    const { salt, key } = await newSealKey(PASSPHRASE, QUICK);
    const [header] = (await sealed()).split('\n');
    const nonce = new Uint8Array(12);
    const bytes = new TextEncoder().encode(plaintext.padEnd(2));
    const associated = concat(new TextEncoder().encode(`${header}\n`), salt);
    const body = toBase64Url(concat(salt, nonce, nodeCrypto.seal(key, nonce, associated, bytes)));
    expect(await codeOf(`${header}\n${body}\n`)).toBe('sealed-file-invalid');
  });

  it('shows no secret in an error', async () => {
    const text = await sealed();
    for (const [broken, passphrase] of [
      [text, 'Tr0ub4dor'],
      [text.slice(0, -9), PASSPHRASE],
      ['{"key":"secret"}', PASSPHRASE],
    ] as const) {
      const problem = JSON.stringify(await problemOf(() => unseal(broken, passphrase, 'keys', QUICK)));
      for (const secret of [passphrase, PASSPHRASE, 'xxx', '"secret']) expect(problem).not.toContain(secret);
    }
  });
});
