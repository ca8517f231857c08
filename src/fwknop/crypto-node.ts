import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import type { Digest } from './algorithms.ts';
import type { FwknopCrypto } from './crypto.ts';

/** For the gate and the command line, on OpenSSL through `node:crypto`. */
export const nodeFwknopCrypto: FwknopCrypto = {
  randomBytes: (length) => randomBytes(length),
  hash: (digest, data) => createHash(nameOf(digest)).update(data).digest(),
  hmac: (digest, key, data) => createHmac(nameOf(digest), key).update(data).digest(),
  aes: (key) => {
    const encrypt = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    const decrypt = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    return { encrypt: (block) => encrypt.update(block), decrypt: (block) => decrypt.update(block) };
  },
};

/** OpenSSL writes `sha3-256`. */
function nameOf(digest: Digest): string {
  return digest.replace('_', '-');
}
