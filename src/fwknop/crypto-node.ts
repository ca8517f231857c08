import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import type { Digest } from './algorithms.ts';
import type { FwknopCrypto } from './crypto.ts';

/** The provider for the gate and the command line: `node:crypto`, which uses OpenSSL. */
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

/** The digest's name in OpenSSL, such as `sha3-256`. */
function nameOf(digest: Digest): string {
  return digest.replace('_', '-');
}
