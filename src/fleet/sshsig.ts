import { concat, utf8 } from '../base/bytes.ts';
import { fromBase64, readKeyBlob, type SignerKey, SshReader, sshString, toBase64 } from './signer-key.ts';

/*
 * Signatures as `ssh-keygen -Y sign` makes them: PROTOCOL.sshsig of OpenSSH.
 */

const BEGIN = '-----BEGIN SSH SIGNATURE-----\n';
const END = '\n-----END SSH SIGNATURE-----\n';
const MAGIC = utf8('SSHSIG');
const VERSION = 1;
/** Characters of the longest armoured text: an RSA key of 16,384 bits and its signature are shorter. */
export const LONGEST_SIGNATURE = 8192;

const HASHES = ['sha256', 'sha512'] as const;
export type SignatureHash = (typeof HASHES)[number];

/** A signature and what it says about itself. */
export interface SshSignature {
  readonly key: SignerKey;
  readonly namespace: string;
  readonly hash: SignatureHash;
  /** Name of the algorithm, such as `rsa-sha2-512`. */
  readonly algorithm: string;
  /** Signature in the form of that algorithm, with what follows it: flags and counter of a hardware key. */
  readonly rest: Uint8Array;
}

/** Verifies: `node:crypto` behind it, see verify-node.ts. */
export interface SignatureVerifier {
  sha256(data: Uint8Array): Uint8Array;
  sha512(data: Uint8Array): Uint8Array;
  /** Whether the signature is one of these bytes by its key. False for an algorithm that the key's type does not have. */
  isSigned(signature: SshSignature, signed: Uint8Array): boolean;
}

/** Reads one armoured signature, exactly as ssh-keygen writes it; a text why not. */
function parseSshSignature(text: string): SshSignature | string {
  if (text.length > LONGEST_SIGNATURE || !text.startsWith(BEGIN) || !text.endsWith(END))
    return 'is not one SSH signature';
  const lines = text.slice(BEGIN.length, -END.length);
  const blob = fromBase64(lines.replaceAll('\n', ''));
  if (blob === undefined || armoured(blob) !== text) return 'is not one SSH signature';
  const reader = new SshReader(blob);
  const magic = reader.take(MAGIC.length);
  if (magic === undefined || magic.some((byte, i) => byte !== MAGIC[i]) || reader.number() !== VERSION)
    return 'has an unknown version';
  const keyBlob = reader.string();
  const [namespace, reserved, hashName, signature] = [reader.text(), reader.string(), reader.text(), reader.string()];
  const hash = HASHES.find((each) => each === hashName);
  if (keyBlob === undefined || namespace === undefined || signature === undefined || !reader.isAtEnd)
    return 'is cut short or has more behind it';
  if (reserved?.length !== 0 || hash === undefined) return 'has an unknown hash';
  const key = readKeyBlob(keyBlob);
  if (key === undefined) return 'is by a kind of key that may not sign: a certificate, or a short or unknown one';
  const inner = new SshReader(signature);
  const algorithm = inner.text();
  if (algorithm === undefined) return 'names no algorithm';
  return { key, namespace, hash, algorithm, rest: signature.subarray(4 + algorithm.length) };
}

/** Armour of a signature's blob: lines of 70 characters, as ssh-keygen writes them. */
export function armoured(blob: Uint8Array): string {
  const lines = toBase64(blob).match(/.{1,70}/g) ?? [];
  return `${BEGIN}${lines.join('\n')}${END}`;
}

/** Bytes that are signed for a message. */
export function signedBytes(
  verifier: Pick<SignatureVerifier, SignatureHash>,
  { namespace, hash }: Pick<SshSignature, 'namespace' | 'hash'>,
  message: Uint8Array,
): Uint8Array {
  return concat(MAGIC, sshString(namespace), sshString(''), sshString(hash), sshString(verifier[hash](message)));
}

/** Whether an armoured signature is one of this message for this namespace; gives its key, or a text why not. */
export function verifySshSignature(
  verifier: SignatureVerifier,
  text: string,
  namespace: string,
  message: Uint8Array,
): SignerKey | string {
  const signature = parseSshSignature(text);
  if (typeof signature === 'string') return signature;
  if (signature.namespace !== namespace) return `is for another purpose than ${namespace}`;
  if (!verifier.isSigned(signature, signedBytes(verifier, signature, message))) return 'does not verify';
  return signature.key;
}
