import { createHash, createPublicKey, verify } from 'node:crypto';
import { concat } from '../base/bytes.ts';
import { CURVES, type CurveType, isPositive, SshReader, unsigned } from './signer-key.ts';
import type { SignatureVerifier, SshSignature } from './sshsig.ts';

/** Bit of a hardware key's flags: somebody has touched it. */
const PRESENT = 1;

/** Verifies signatures with `node:crypto`. */
export const nodeVerifier: SignatureVerifier = {
  sha256: (data) => createHash('sha256').update(data).digest(),
  sha512: (data) => createHash('sha512').update(data).digest(),
  isSigned: (signature, signed) => {
    try {
      return isSigned(signature, signed);
    } catch {
      // OpenSSL refuses points that are not on their curve.
      return false;
    }
  },
};

function isSigned({ key, algorithm, rest }: SshSignature, signed: Uint8Array): boolean {
  const reader = new SshReader(rest);
  const raw = reader.string();
  if (raw === undefined) return false;
  switch (key.type) {
    case 'ssh-ed25519':
      return algorithm === key.type && reader.isAtEnd && isEd25519(key.point, signed, raw);
    case 'sk-ssh-ed25519@openssh.com': {
      const flagsAndCounter = reader.take(5);
      if (algorithm !== key.type || flagsAndCounter === undefined || !reader.isAtEnd) return false;
      if (((flagsAndCounter[0] ?? 0) & PRESENT) === 0) return false;
      const { sha256 } = nodeVerifier;
      return isEd25519(key.point, concat(sha256(key.application), flagsAndCounter, sha256(signed)), raw);
    }
    case 'ssh-rsa': {
      if (algorithm !== 'rsa-sha2-512' || !reader.isAtEnd) return false;
      const jwk = { kty: 'RSA', n: base64Url(unsigned(key.modulus)), e: base64Url(unsigned(key.exponent)) };
      return verify('sha512', signed, createPublicKey({ key: jwk, format: 'jwk' }), raw);
    }
    default:
      return algorithm === key.type && reader.isAtEnd && isEcdsa(key.type, key, signed, raw);
  }
}

function isEd25519(point: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64Url(point) };
  return signature.length === 64 && verify(null, signed, createPublicKey({ key: jwk, format: 'jwk' }), signature);
}

function isEcdsa(
  type: CurveType,
  { x, y }: { readonly x: Uint8Array; readonly y: Uint8Array },
  signed: Uint8Array,
  raw: Uint8Array,
): boolean {
  const { jwk: crv, bytes, hash } = CURVES[type];
  const reader = new SshReader(raw);
  const [r, s] = [reader.string(), reader.string()];
  if (!isPositive(r) || !isPositive(s) || !reader.isAtEnd) return false;
  const [rBytes, sBytes] = [unsigned(r), unsigned(s)];
  if (rBytes.length > bytes || sBytes.length > bytes) return false;
  const pair = new Uint8Array(2 * bytes);
  pair.set(rBytes, bytes - rBytes.length);
  pair.set(sBytes, 2 * bytes - sBytes.length);
  const key = createPublicKey({ key: { kty: 'EC', crv, x: base64Url(x), y: base64Url(y) }, format: 'jwk' });
  return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, pair);
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
