import { scrypt } from 'node:crypto';
import { copyOf } from '../../base/bytes.ts';
import type { DeriveKey } from './sealed-key-file.ts';

/** The derivation of sealed-key-file.ts, by the system's own implementation, off the main thread. */
export const deriveWithScrypt: DeriveKey = (passphrase, salt) =>
  new Promise((resolve, reject) => {
    // 128 · N · r bytes is what it takes; Node refuses more than 32 MB unless told.
    const options = { N: 131_072, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
    scrypt(passphrase, salt, 32, options, (error, key) => (error === null ? resolve(copyOf(key)) : reject(error)));
  });
