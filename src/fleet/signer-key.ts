import { concat, toBase64Url, utf8 } from '../base/bytes.ts';

/*
 * Public keys of people who sign, as OpenSSH writes them: `TYPE BASE64`, without a comment. RFC 4253, section 6.6, RFC 5656, RFC 8709;
 * hardware keys: PROTOCOL.u2f of OpenSSH.
 */

/** Reads what RFC 4251, section 5, calls string and uint32. Gives undefined where the bytes end too early. */
export class SshReader {
  private readonly bytes: Uint8Array;
  private offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  take(length: number): Uint8Array | undefined {
    if (this.offset + length > this.bytes.length) return undefined;
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  number(): number | undefined {
    const bytes = this.take(4);
    return bytes && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  }

  string(): Uint8Array | undefined {
    const length = this.number();
    return length === undefined ? undefined : this.take(length);
  }

  /** A string of printable ASCII. */
  text(): string | undefined {
    const bytes = this.string();
    if (bytes === undefined || bytes.some((byte) => byte < 0x20 || byte > 0x7e)) return undefined;
    return String.fromCharCode(...bytes);
  }

  get isAtEnd(): boolean {
    return this.offset === this.bytes.length;
  }
}

/** A string of RFC 4251. */
export function sshString(bytes: Uint8Array | string): Uint8Array {
  const content = typeof bytes === 'string' ? utf8(bytes) : bytes;
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, content.length);
  return concat(length, content);
}

export const CURVES = {
  'ecdsa-sha2-nistp256': { curve: 'nistp256', jwk: 'P-256', bytes: 32, hash: 'sha256' },
  'ecdsa-sha2-nistp384': { curve: 'nistp384', jwk: 'P-384', bytes: 48, hash: 'sha384' },
  'ecdsa-sha2-nistp521': { curve: 'nistp521', jwk: 'P-521', bytes: 66, hash: 'sha512' },
} as const;

export type CurveType = keyof typeof CURVES;

/** A key that may sign. Others, certificates among them, are not read. */
export type SignerKey =
  | { readonly type: 'ssh-ed25519'; readonly blob: Uint8Array; readonly point: Uint8Array }
  | {
      readonly type: 'sk-ssh-ed25519@openssh.com';
      readonly blob: Uint8Array;
      readonly point: Uint8Array;
      readonly application: Uint8Array;
    }
  | { readonly type: CurveType; readonly blob: Uint8Array; readonly x: Uint8Array; readonly y: Uint8Array }
  | {
      readonly type: 'ssh-rsa';
      readonly blob: Uint8Array;
      readonly exponent: Uint8Array;
      readonly modulus: Uint8Array;
    };

/** Bits of the shortest RSA key. */
const LEAST_RSA = 3072;
const MOST_RSA = 16_384;

/** Reads the blob of a public key; undefined for every key that may not sign. */
export function readKeyBlob(blob: Uint8Array): SignerKey | undefined {
  const reader = new SshReader(blob);
  const type = reader.text();
  const key = type === undefined ? undefined : readKeyOf(type, reader, blob);
  return key !== undefined && reader.isAtEnd ? key : undefined;
}

function readKeyOf(type: string, reader: SshReader, blob: Uint8Array): SignerKey | undefined {
  if (type === 'ssh-ed25519') {
    const point = reader.string();
    return point?.length === 32 ? { type, blob, point } : undefined;
  }
  if (type === 'sk-ssh-ed25519@openssh.com') {
    const [point, application] = [reader.string(), reader.string()];
    return point?.length === 32 && application !== undefined ? { type, blob, point, application } : undefined;
  }
  if (type === 'ssh-rsa') {
    const [exponent, modulus] = [reader.string(), reader.string()];
    if (!isPositive(exponent) || !isPositive(modulus)) return undefined;
    const bits = bitsOf(modulus);
    return bits >= LEAST_RSA && bits <= MOST_RSA && exponent.length <= 8
      ? { type, blob, exponent, modulus }
      : undefined;
  }
  return isCurveType(type) ? readCurveKey(type, reader, blob) : undefined;
}

function isCurveType(type: string): type is CurveType {
  return Object.hasOwn(CURVES, type);
}

function readCurveKey(type: CurveType, reader: SshReader, blob: Uint8Array): SignerKey | undefined {
  const { curve, bytes } = CURVES[type];
  const [name, point] = [reader.text(), reader.string()];
  // SEC 1, section 2.3.3: 4, x and y. Nobody writes other forms.
  if (name !== curve || point?.length !== 1 + 2 * bytes || point[0] !== 4) return undefined;
  return { type, blob, x: point.subarray(1, 1 + bytes), y: point.subarray(1 + bytes) };
}

/** Whether an mpint of RFC 4251 is above zero and written without superfluous bytes. */
export function isPositive(mpint: Uint8Array | undefined): mpint is Uint8Array {
  if (mpint === undefined || mpint.length === 0) return false;
  const [first = 0, second = 0] = mpint;
  if (first > 0x7f) return false;
  return first !== 0 || (mpint.length > 1 && second > 0x7f);
}

/** An mpint as unsigned bytes, without the zero before them. */
export function unsigned(mpint: Uint8Array): Uint8Array {
  return mpint[0] === 0 ? mpint.subarray(1) : mpint;
}

function bitsOf(mpint: Uint8Array): number {
  const bytes = unsigned(mpint);
  return (bytes.length - 1) * 8 + (32 - Math.clz32(bytes[0] ?? 0));
}

/** Reads `TYPE BASE64`; undefined when it is not exactly that. */
export function parseSignerKey(text: string): SignerKey | undefined {
  const [type, base64, ...more] = text.split(' ');
  const blob = base64 === undefined || more.length > 0 ? undefined : fromBase64(base64);
  const key = blob && readKeyBlob(blob);
  return key?.type === type ? key : undefined;
}

export function formatSignerKey({ type, blob }: SignerKey): string {
  return `${type} ${toBase64(blob)}`;
}

/** Fingerprint of a key as a part of a path: SHA-256 of its blob, base64url. `ssh-keygen -l` prints the same bytes as base64. */
export function keyId({ blob }: SignerKey, sha256: (data: Uint8Array) => Uint8Array): string {
  return toBase64Url(sha256(blob));
}

/** Base64 with padding (RFC 4648, section 4), canonical only; undefined for everything else. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : undefined;
}

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
