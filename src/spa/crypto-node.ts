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
import { concat, isAllZero } from '../base/bytes.ts';
import type { CryptoProvider } from './crypto.ts';

// DER header of a private X25519 key (RFC 8410): Node takes raw keys only inside PKCS #8.
const PKCS8_HEADER = Uint8Array.from(Buffer.from('302e020100300506032b656e04220420', 'hex'));
const KEY_LENGTH = 32;

/** The provider for the gate, the command line, and editors in which `isSound` passes: `node:crypto`, usually OpenSSL. */
export const nodeCrypto: CryptoProvider = {
  randomBytes: (length) => randomBytes(length),
  publicKey: (privateKey) => {
    const known = publicKeys.get(privateKey);
    if (known !== undefined) return known;
    const { x = '' } = createPublicKey(privateKeyObject(privateKey)).export({ format: 'jwk' });
    const publicKey = Uint8Array.from(Buffer.from(x, 'base64url'));
    publicKeys.set(privateKey, publicKey);
    return publicKey;
  },
  agree: (privateKey, publicKey) => {
    const shared = diffieHellman({
      privateKey: privateKeyObject(privateKey),
      publicKey: publicKeyObject(publicKey),
    });
    // OpenSSL throws here by itself. Other libraries under Node may not.
    if (isAllZero(shared)) throw new Error('X25519: low-order point');
    return shared;
  },
  sha256: (data) => createHash('sha256').update(data).digest(),
  hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
  aesBlocks: (key, blocks) => {
    const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    const encrypted = cipher.update(blocks);
    // Without padding nothing is left; throws where a block is not whole.
    cipher.final();
    return encrypted;
  },
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

/**
 * Key objects of OpenSSL by the bytes of the private key, which nobody alters. To make one takes an idle gate a millisecond,
 * and every knock needs the gate's key.
 */
const privateKeys = new WeakMap<Uint8Array, KeyObject>();
/** The public keys of these. A gate with thousands of clients asks for its own once for each. */
const publicKeys = new WeakMap<Uint8Array, Uint8Array>();

function privateKeyObject(privateKey: Uint8Array): KeyObject {
  const known = privateKeys.get(privateKey);
  if (known !== undefined) return known;
  const key = createPrivateKey({ key: der(PKCS8_HEADER, privateKey), format: 'der', type: 'pkcs8' });
  privateKeys.set(privateKey, key);
  return key;
}

/** Makes a key object from a JSON Web Key (RFC 8037), which OpenSSL reads three times as fast as DER. */
function publicKeyObject(publicKey: Uint8Array): KeyObject {
  const x = Buffer.from(wholeKey(publicKey)).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
}

function der(header: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.from(concat(header, wholeKey(key)));
}

/** Refuses other lengths: OpenSSL ignores bytes behind a key. */
function wholeKey(key: Uint8Array): Uint8Array {
  if (key.length !== KEY_LENGTH) throw new RangeError(`X25519: key of ${key.length} bytes`);
  return key;
}
