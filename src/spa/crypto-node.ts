import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { concat, isAllZero } from './bytes.ts';
import type { CryptoProvider } from './crypto.ts';

// DER headers of an X25519 key (RFC 8410): Node takes raw keys only inside PKCS #8 and SPKI.
const PKCS8_HEADER = Uint8Array.from(Buffer.from('302e020100300506032b656e04220420', 'hex'));
const SPKI_HEADER = Uint8Array.from(Buffer.from('302a300506032b656e032100', 'hex'));

/** The provider for the gate and the command line, on OpenSSL through `node:crypto`. */
export const nodeCrypto: CryptoProvider = {
  randomBytes: (length) => randomBytes(length),
  publicKey: (privateKey) => {
    const spki = createPublicKey(privateKeyObject(privateKey)).export({ format: 'der', type: 'spki' });
    return Uint8Array.from(spki.subarray(SPKI_HEADER.length));
  },
  agree: (privateKey, publicKey) => {
    const shared = diffieHellman({
      privateKey: privateKeyObject(privateKey),
      publicKey: createPublicKey({ key: der(SPKI_HEADER, publicKey), format: 'der', type: 'spki' }),
    });
    // OpenSSL throws here by itself; other builds of Node may not.
    if (isAllZero(shared)) throw new Error('X25519: low-order point');
    return shared;
  },
  sha256: (data) => createHash('sha256').update(data).digest(),
  hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
  seal: (key, nonce, associated, plaintext) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(associated);
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  },
  open: (key, nonce, associated, sealed) => {
    if (sealed.length < 16) throw new Error('AES-GCM: too short');
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
    decipher.setAAD(associated);
    decipher.setAuthTag(sealed.subarray(sealed.length - 16));
    return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - 16)), decipher.final()]);
  },
};

function privateKeyObject(privateKey: Uint8Array): KeyObject {
  return createPrivateKey({ key: der(PKCS8_HEADER, privateKey), format: 'der', type: 'pkcs8' });
}

function der(header: Uint8Array, key: Uint8Array): Buffer {
  // OpenSSL refuses a key that is too short, but reads over what follows one.
  if (key.length !== 32) throw new RangeError(`X25519: key of ${key.length} bytes`);
  return Buffer.from(concat(header, key));
}
