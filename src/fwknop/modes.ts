import { concat, xor } from '../base/bytes.ts';
import type { Mode } from './algorithms.ts';
import type { BlockCipher } from './crypto.ts';

/** Bytes of an AES block. */
export const BLOCK = 16;

/**
 * Encrypts whole blocks (NIST SP 800-38A; CFB with segments of 128 bits, CTR counting up all 128 bits of the IV).
 * @param iv 16 bytes; not used by ECB
 * @param data a multiple of 16 bytes
 */
export function encryptBlocks(
  aes: Pick<BlockCipher, 'encrypt'>,
  mode: Mode,
  iv: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  if (mode === 'ofb' || mode === 'ctr') return xor(data, keyStream(aes, mode, iv, data.length));
  let before = iv;
  return concat(
    ...blocksOf(data).map((block) => {
      if (mode === 'ecb') return aes.encrypt(block);
      before = mode === 'cfb' ? xor(block, aes.encrypt(before)) : aes.encrypt(xor(block, before));
      return before;
    }),
  );
}

/** Opposite of `encryptBlocks`. */
export function decryptBlocks(aes: BlockCipher, mode: Mode, iv: Uint8Array, data: Uint8Array): Uint8Array {
  if (mode === 'ofb' || mode === 'ctr') return xor(data, keyStream(aes, mode, iv, data.length));
  const blocks = blocksOf(data);
  return concat(
    ...blocks.map((block, i) => {
      const before = blocks[i - 1] ?? iv;
      if (mode === 'ecb') return aes.decrypt(block);
      return mode === 'cfb' ? xor(block, aes.encrypt(before)) : xor(aes.decrypt(block), before);
    }),
  );
}

function keyStream(aes: Pick<BlockCipher, 'encrypt'>, mode: 'ofb' | 'ctr', iv: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  let state = iv;
  for (let made = 0; made < length; made += BLOCK) {
    const block = aes.encrypt(state);
    blocks.push(block);
    state = mode === 'ofb' ? block : plusOne(state);
  }
  return concat(...blocks);
}

/** Adds one to a big-endian counter. It wraps around to zero. */
function plusOne(counter: Uint8Array): Uint8Array {
  const next = Uint8Array.from(counter);
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = ((next[i] ?? 0) + 1) & 0xff;
    if (next[i] !== 0) break;
  }
  return next;
}

function blocksOf(data: Uint8Array): Uint8Array[] {
  if (data.length % BLOCK !== 0) throw new RangeError(`${data.length} bytes are not whole blocks`);
  return Array.from({ length: data.length / BLOCK }, (_, i) => data.subarray(i * BLOCK, (i + 1) * BLOCK));
}
