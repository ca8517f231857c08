import type { FwknopCrypto } from './crypto.ts';

/** The 16 digits that make a message unlike any other: fwknop's own have 32 bits of chance, these 53. */
export function randomDigits(crypto: FwknopCrypto): string {
  let digits = '';
  while (digits.length < 16) {
    for (const byte of crypto.randomBytes(16)) {
      // 250 is the greatest multiple of 10 in a byte: without the rest every digit is as likely as the others.
      if (byte < 250) digits += String(byte % 10);
    }
  }
  // fwknop's own never begin with a zero.
  const first = digits[0] === '0' ? '1' : digits[0];
  return `${first}${digits.slice(1, 16)}`;
}
