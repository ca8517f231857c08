import { describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { sealMessage } from '../../../src/spa/message.ts';
import { mask } from '../../../src/spa/outer.ts';
import { bytesFrom, hex, PLAIN_REQUEST, pairOf } from './support.ts';

/**
 * The view of an observer on 2,000 knocks of one client that all ask for the same. The randomness is fixed, so every run has
 * the same figures. They catch a gross mistake (a byte in clear), not a weak cipher.
 */
describe('2,000 datagrams of one client', () => {
  const COUNT = 2000;
  const SHORTEST = 128;
  const pair = pairOf(nodeCrypto, 'statistics');
  const crypto = { ...nodeCrypto, randomBytes: bytesFrom('statistics') };
  const datagrams = Array.from({ length: COUNT }, (_, i) => {
    const place = { kind: 'ordinary' as const, epoch: 58_666_666 + Math.floor(i / 32), slot: i % 32 };
    return sealMessage(crypto, pair.atClient, place, { ...PLAIN_REQUEST, timestamp: PLAIN_REQUEST.timestamp + i });
  });

  it('no position holds a byte that is constant or nearly so', () => {
    for (let at = 0; at < SHORTEST; at++) {
      const values = new Set(datagrams.map((datagram) => datagram[at]));
      const valuesFromEnd = new Set(datagrams.map((datagram) => datagram[datagram.length - 1 - at]));
      expect(values.size, `byte ${at}`).toBeGreaterThan(240);
      expect(valuesFromEnd.size, `byte ${at} from the end`).toBeGreaterThan(240);
    }
  });

  it('every bit is set in about half of them, also the one that is zero in every X25519 key', () => {
    const topBitOf = (key: Uint8Array) => (key[31] ?? 0) >> 7;
    const shown = datagrams.map((one) => mask(nodeCrypto, pair.atGate.maskKey, one.subarray(16, 48), one));
    expect(shown.some((key) => topBitOf(key) === 1)).toBe(false);
    for (let bit = 0; bit < SHORTEST * 8; bit++) {
      const set = datagrams.filter((datagram) => ((datagram[bit >> 3] ?? 0) >> (bit & 7)) & 1).length;
      expect(set / COUNT, `bit ${bit}`).toBeGreaterThan(0.44);
      expect(set / COUNT, `bit ${bit}`).toBeLessThan(0.56);
    }
  });

  it('bytes are spread evenly: chi-square with 255 degrees of freedom', () => {
    const seen = new Array<number>(256).fill(0);
    let total = 0;
    for (const datagram of datagrams) {
      for (const byte of datagram) seen[byte] = (seen[byte] ?? 0) + 1;
      total += datagram.length;
    }
    const expected = total / 256;
    const chiSquare = seen.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // Mean 255, standard deviation 22.6; six of them either way.
    expect(chiSquare).toBeGreaterThan(120);
    expect(chiSquare).toBeLessThan(390);
  });

  it('lengths cover 128 to 512', () => {
    const lengths = datagrams.map((datagram) => datagram.length);
    expect(Math.min(...lengths)).toBe(128);
    expect(Math.max(...lengths)).toBe(512);
    // Of 385 lengths, 2,000 draws leave out two on average.
    expect(new Set(lengths).size).toBeGreaterThan(375);
  });

  it('no two share a tag, an ephemeral key or an end', () => {
    for (const [from, to] of [
      [0, 16],
      [16, 48],
      [-16, undefined],
    ] as const)
      expect(new Set(datagrams.map((datagram) => hex(datagram.slice(from, to)))).size).toBe(COUNT);
  });
});
