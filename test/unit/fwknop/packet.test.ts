import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODES } from '../../../src/fwknop/algorithms.ts';
import { nodeFwknopCrypto as crypto } from '../../../src/fwknop/crypto-node.ts';
import { openPacket, type PacketKeys, sealPacket } from '../../../src/fwknop/packet.ts';
import { encodePlaintext } from '../../../src/fwknop/plaintext.ts';
import { bytesOf } from '../spa/support.ts';
import { digestArbitrary, keysArbitrary, MESSAGE, messageArbitrary, PROVIDERS } from './support.ts';

const withHmac: PacketKeys = {
  key: bytesOf('key'),
  mode: 'cbc',
  hmac: { digest: 'sha256', key: bytesOf('hmac', 64) },
};
const withoutHmac: PacketKeys = { ...withHmac, hmac: undefined };
const plaintext = encodePlaintext(crypto, MESSAGE, 'sha256');

describe('a packet', () => {
  it.each(PROVIDERS)('is opened with the keys, $name', ({ crypto: provider }) => {
    fc.assert(
      fc.property(keysArbitrary, messageArbitrary, digestArbitrary, (keys, message, digest) => {
        const bytes = encodePlaintext(provider, message, digest);
        const packet = sealPacket(provider, keys, bytes);
        fc.pre(packet.length >= 140);
        const opened = openPacket(crypto, keys, packet);
        expect(opened.ok && Buffer.from(opened.plaintext).equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('begins with one of four characters, and is never twice the same', () => {
    const packets = Array.from({ length: 50 }, () => sealPacket(crypto, withHmac, plaintext));
    expect(new Set(packets).size).toBe(50);
    expect(packets.every((packet) => /^[89+/]/.test(packet))).toBe(true);
  });

  it('is not opened when a character is another', () => {
    const packet = sealPacket(crypto, withHmac, plaintext);
    for (let i = 0; i < packet.length; i++) {
      const changed = `${packet.slice(0, i)}${packet[i] === 'A' ? 'B' : 'A'}${packet.slice(i + 1)}`;
      expect(openPacket(crypto, withHmac, changed)).toEqual({ ok: false, reason: 'hmac' });
    }
  });

  it.each(MODES)('has one text only, also without HMAC: %s', (mode) => {
    const keys = { ...withoutHmac, mode };
    const packet = sealPacket(crypto, keys, plaintext);
    expect(openPacket(crypto, keys, packet).ok).toBe(true);
    for (const more of ['=', '==', '=AAAA', '\n', ' ', '-'])
      expect(openPacket(crypto, keys, packet + more)).toEqual({ ok: false, reason: 'not-base64' });
    // 16 bytes of header and whole blocks: two bits of the last character mean nothing.
    const spare = (packet.length + 10) % 4 === 0 ? 0 : (packet.length + 10) % 4 === 3 ? 3 : 15;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const last = alphabet.indexOf(packet.at(-1) ?? '');
    for (let bits = 1; bits <= spare; bits++) {
      const twin = packet.slice(0, -1) + alphabet[last | bits];
      expect(openPacket(crypto, keys, twin)).toEqual({ ok: false, reason: 'not-base64' });
    }
  });

  it('is refused by its length before anything else', () => {
    expect(openPacket(crypto, withHmac, '8'.repeat(139))).toEqual({ ok: false, reason: 'length' });
    expect(openPacket(crypto, withHmac, '8'.repeat(1501))).toEqual({ ok: false, reason: 'length' });
    expect(openPacket(crypto, withoutHmac, '8'.repeat(140))).toMatchObject({ ok: false });
  });

  it('of other keys, modes and algorithms says no more than that it is refused', () => {
    const packet = sealPacket(crypto, withHmac, plaintext);
    const others: PacketKeys[] = [
      { ...withHmac, hmac: { digest: 'sha256', key: bytesOf('other') } },
      { ...withHmac, hmac: { digest: 'sha3_256', key: bytesOf('hmac', 64) } },
      { ...withHmac, hmac: { digest: 'md5', key: bytesOf('hmac', 64) } },
      withoutHmac,
    ];
    for (const keys of others) expect(openPacket(crypto, keys, packet).ok).toBe(false);
  });

  it('of any text at all never throws', () => {
    fc.assert(
      fc.property(keysArbitrary, fc.string({ maxLength: 1600 }), (keys, text) => {
        expect(openPacket(crypto, keys, text).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
    const base64 = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
    fc.assert(
      fc.property(fc.string({ unit: base64, minLength: 140, maxLength: 600 }), (text) => {
        openPacket(crypto, withoutHmac, text);
      }),
      { numRuns: 300 },
    );
  });
});
