import { describe, expect, it } from 'vitest';
import { nodeFwknopCrypto } from '../../../src/fwknop/crypto-node.ts';
import { randomDigits } from '../../../src/fwknop/random.ts';

describe('random digits', () => {
  it('are sixteen, never begin with zero, and are never the same', () => {
    const drawn = Array.from({ length: 2000 }, () => randomDigits(nodeFwknopCrypto));
    expect(drawn.every((digits) => /^[1-9][0-9]{15}$/.test(digits))).toBe(true);
    expect(new Set(drawn).size).toBe(drawn.length);
    const seen = new Set(drawn.flatMap((digits) => [...digits.slice(1)]));
    expect(seen.size).toBe(10);
  });

  it('leave out bytes that would make some digits likelier', () => {
    let call = 0;
    const crypto = { ...nodeFwknopCrypto, randomBytes: (n: number) => new Uint8Array(n).fill(call++ === 0 ? 250 : 7) };
    expect(randomDigits(crypto)).toBe('7'.repeat(16));
  });
});
