import { scrypt } from 'node:crypto';
import { copyOf } from '../../base/bytes.ts';
import type { DeriveKey } from './sealed-key-file.ts';

/** Derives keys for sealed-key-file.ts by the system's own implementation, off the main thread. */
export const deriveWithScrypt: DeriveKey = (passphrase, salt) =>
  new Promise((resolve, reject) => {
    // It needs 128 · N · r bytes; by default Node refuses more than 32 MB.
    const options = { N: 131_072, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
    scrypt(passphrase, salt, 32, options, (error, key) => (error === null ? resolve(copyOf(key)) : reject(error)));
  });
