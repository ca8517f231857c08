import type { FwknopCrypto } from './crypto.ts';

/** Draws the 16 digits that make each message unique. fwknop's own have 32 random bits, these 53. */
export function randomDigits(crypto: FwknopCrypto): string {
  let digits = '';
  while (digits.length < 16) {
    for (const byte of crypto.randomBytes(16)) {
      // 250 is the greatest multiple of 10 in a byte. Dropping higher bytes makes all digits equally likely.
      if (byte < 250) digits += String(byte % 10);
    }
  }
  // fwknop's digits never begin with a zero.
  const first = digits[0] === '0' ? '1' : digits[0];
  return `${first}${digits.slice(1, 16)}`;
}
