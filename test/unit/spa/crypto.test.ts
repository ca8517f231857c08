import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { hkdf } from '../../../src/spa/crypto.ts';
import { isLowOrder } from '../../../src/spa/keys.ts';
import { bytesArbitrary, bytesOf, CROSSINGS, flipped, hex, PROVIDERS, unhex } from './support.ts';

/** Every encoding below 2^255 of a point whose order divides 8 (two of 0 and two of 1 among them, modulo 2^255 - 19). */
const LOW_ORDER_POINTS = {
  'order 4: 0': '0000000000000000000000000000000000000000000000000000000000000000',
  'order 1: 1': '0100000000000000000000000000000000000000000000000000000000000000',
  'order 8, one': 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  'order 8, other': '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'p - 1': 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'p, for 0': 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'p + 1, for 1': 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
};

describe.each(PROVIDERS)('primitives of $name', ({ crypto }) => {
  it('X25519: RFC 7748, section 6.1', () => {
    const alice = unhex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = unhex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    expect(hex(crypto.publicKey(alice))).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    expect(hex(crypto.publicKey(bob))).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    expect(hex(crypto.agree(alice, crypto.publicKey(bob)))).toBe(shared);
    expect(hex(crypto.agree(bob, crypto.publicKey(alice)))).toBe(shared);
  });

  it.each([
    [
      'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
      'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    ],
    // The top bit of this point is set. X25519 must ignore it.
    [
      '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
      'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
    ],
  ])('X25519: RFC 7748, section 5.2, scalar %s', (scalar, point, result) => {
    expect(hex(crypto.agree(unhex(scalar), unhex(point)))).toBe(result);
  });

  it.each(Object.entries(LOW_ORDER_POINTS))('X25519 throws on a low-order point, %s', (_, text) => {
    const point = unhex(text);
    const withTopBit = flipped(point, 255);
    for (const privateKey of [bytesOf('one'), bytesOf('two'), new Uint8Array(32), new Uint8Array(32).fill(0xff)]) {
      expect(() => crypto.agree(privateKey, point)).toThrow();
      expect(() => crypto.agree(privateKey, withTopBit)).toThrow();
    }
    expect(isLowOrder(crypto, point)).toBe(true);
    expect(isLowOrder(crypto, withTopBit)).toBe(true);
  });

  it('a genuine public key is not of low order', () => {
    expect(isLowOrder(crypto, crypto.publicKey(bytesOf('genuine')))).toBe(false);
  });

  it.each([0, 31, 33, 64])('X25519 throws on a key of %i bytes', (length) => {
    const wrong = bytesOf('wrong', length);
    const right = crypto.publicKey(bytesOf('right'));
    expect(() => crypto.publicKey(wrong)).toThrow();
    expect(() => crypto.agree(wrong, right)).toThrow();
    expect(() => crypto.agree(bytesOf('right'), wrong)).toThrow();
  });

  it('SHA-256 and HMAC-SHA256: FIPS 180-4 and RFC 4231, case 2', () => {
    expect(hex(crypto.sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hex(crypto.hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it.each([
    {
      title: 'case 1',
      salt: '000102030405060708090a0b0c',
      ikm: '0b'.repeat(22),
      info: 'f0f1f2f3f4f5f6f7f8f9',
      okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    },
    {
      title: 'case 2',
      salt: hex(Uint8Array.from({ length: 80 }, (_, i) => 0x60 + i)),
      ikm: hex(Uint8Array.from({ length: 80 }, (_, i) => i)),
      info: hex(Uint8Array.from({ length: 80 }, (_, i) => 0xb0 + i)),
      okm: 'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    },
    {
      title: 'case 3',
      salt: '',
      ikm: '0b'.repeat(22),
      info: '',
      okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    },
  ])('HKDF-SHA256: RFC 5869, $title', ({ salt, ikm, info, okm }) => {
    expect(hex(hkdf(crypto, unhex(salt), unhex(ikm), unhex(info), okm.length / 2))).toBe(okm);
  });

  it.each([
    {
      title: '13',
      key: '00'.repeat(32),
      nonce: '00'.repeat(12),
      associated: '',
      plaintext: '',
      sealed: '530f8afbc74536b9a963b4f1c4cb738b',
    },
    {
      title: '14',
      key: '00'.repeat(32),
      nonce: '00'.repeat(12),
      associated: '',
      plaintext: '00'.repeat(16),
      sealed: 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
    },
    {
      title: '16',
      key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
      nonce: 'cafebabefacedbaddecaf888',
      associated: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      plaintext:
        'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
      sealed:
        '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
    },
  ])('AES-256-GCM: case $title of McGrew and Viega', ({ key, nonce, associated, plaintext, sealed }) => {
    expect(hex(crypto.seal(unhex(key), unhex(nonce), unhex(associated), unhex(plaintext)))).toBe(sealed);
    expect(hex(crypto.open(unhex(key), unhex(nonce), unhex(associated), unhex(sealed)))).toBe(plaintext);
  });

  it('AES-256, one block: FIPS 197, appendix C.3', () => {
    const key = unhex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
    const block = unhex('00112233445566778899aabbccddeeff');
    expect(hex(crypto.aesBlocks(key, block))).toBe('8ea2b7ca516745bfeafc49904b496089');
  });

  it('AES-256, four blocks: NIST SP 800-38A, section F.1.5', () => {
    const key = unhex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4');
    const blocks = [
      '6bc1bee22e409f96e93d7e117393172a',
      'ae2d8a571e03ac9c9eb76fac45af8e51',
      '30c81c46a35ce411e5fbc1191a0a52ef',
      'f69f2445df4f9b17ad2b417be66c3710',
    ];
    const results = [
      'f3eed1bdb5d2a03c064b5a7e3db181f8',
      '591ccb10d410ed26dc5ba74a31362870',
      'b6ed21b99ca6f4f9f153e7b1beafed1d',
      '23304b7a39f9f3ff067d8d8f9e24ecc7',
    ];
    expect(hex(crypto.aesBlocks(key, unhex(blocks.join(''))))).toBe(results.join(''));
    for (const [i, block] of blocks.entries()) expect(hex(crypto.aesBlocks(key, unhex(block)))).toBe(results[i]);
    expect(crypto.aesBlocks(key, new Uint8Array(0))).toHaveLength(0);
  });

  it.each([1, 15, 17, 31])('AES-256 throws on %i bytes: only whole blocks are encrypted', (length) => {
    expect(() => crypto.aesBlocks(bytesOf('key'), bytesOf('blocks', length))).toThrow();
  });

  it.each([0, 16, 24, 31, 33])('AES-256 throws on a key of %i bytes', (length) => {
    const key = bytesOf('key', length);
    expect(() => crypto.aesBlocks(key, bytesOf('block', 16))).toThrow();
    expect(() => crypto.seal(key, bytesOf('nonce', 12), bytesOf('associated'), bytesOf('plaintext'))).toThrow();
    expect(() => crypto.open(key, bytesOf('nonce', 12), bytesOf('associated'), bytesOf('sealed', 48))).toThrow();
  });

  it('AES-256-GCM throws on whatever is altered, and on less than a tag', () => {
    const [key, nonce, associated] = [bytesOf('key'), bytesOf('nonce', 12), bytesOf('associated', 20)];
    const sealed = crypto.seal(key, nonce, associated, bytesOf('plaintext', 40));
    for (let bit = 0; bit < sealed.length * 8; bit++)
      expect(() => crypto.open(key, nonce, associated, flipped(sealed, bit))).toThrow();
    for (let length = 0; length < sealed.length; length++)
      expect(() => crypto.open(key, nonce, associated, sealed.subarray(0, length))).toThrow();
    expect(() => crypto.open(flipped(key, 77), nonce, associated, sealed)).toThrow();
    expect(() => crypto.open(key, flipped(nonce, 5), associated, sealed)).toThrow();
    expect(() => crypto.open(key, nonce, flipped(associated, 9), sealed)).toThrow();
  });
});

describe.each(CROSSINGS)('$sealer.name seals, $opener.name opens', ({ sealer, opener }) => {
  it('anything', () => {
    fc.assert(
      fc.property(
        bytesArbitrary(32),
        bytesArbitrary(12),
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ maxLength: 600 }),
        (key, nonce, associated, plaintext) => {
          const sealed = sealer.crypto.seal(key, nonce, associated, plaintext);
          expect(hex(opener.crypto.open(key, nonce, associated, sealed))).toBe(hex(plaintext));
        },
      ),
    );
  });

  it('and both make the same of the same blocks', () => {
    fc.assert(
      fc.property(bytesArbitrary(32), fc.integer({ min: 0, max: 40 }), fc.string(), (key, count, label) => {
        const blocks = bytesOf(label, count * 16);
        expect(hex(sealer.crypto.aesBlocks(key, blocks))).toBe(hex(opener.crypto.aesBlocks(key, blocks)));
      }),
    );
  });

  it('and both agree on public keys and shared secrets', () => {
    fc.assert(
      fc.property(bytesArbitrary(32), bytesArbitrary(32), (one, other) => {
        const ofOne = sealer.crypto.publicKey(one);
        const ofOther = opener.crypto.publicKey(other);
        expect(hex(sealer.crypto.agree(one, ofOther))).toBe(hex(opener.crypto.agree(other, ofOne)));
      }),
    );
  });
});
