import { sameBytes } from '../base/addresses.ts';
import { utf8 } from '../base/bytes.ts';
import { fromBase64 } from './base64.ts';

/** The secrets of fwknop: the key that encrypts, and the one of the HMAC. */
export interface FwknopSecrets {
  /** 1 to 32 bytes. */
  readonly key: Uint8Array;
  /** 1 to 128 bytes; undefined when packets have no HMAC. */
  readonly hmacKey: Uint8Array | undefined;
}

/** Bytes that fwknop takes of each key. */
const LONGEST = { key: 32, hmacKey: 128 } as const;

interface FoundKeys {
  readonly key: Uint8Array | undefined;
  readonly hmacKey: Uint8Array | undefined;
}

/**
 * Reads a file of keys: lines such as `KEY_BASE64: …` and `HMAC_KEY_BASE64: …`, which is what `fwknop --key-gen` prints, or
 * `KEY` and `HMAC_KEY` with a text. Blank lines and comments (`#`) are left out.
 * @returns undefined when it is anything else: no key, one twice, both the same, fwknop's own `__CHANGEME__`, or too long
 */
export function parseKeyFile(text: string): FwknopSecrets | undefined {
  const { key, hmacKey } = parseLines(text) ?? {};
  if (key === undefined || (hmacKey !== undefined && sameBytes(key, hmacKey))) return undefined;
  return { key, hmacKey };
}

/**
 * Reads a file that has the key of the HMAC and no other: what GnuPG's mode needs besides its own keys.
 * @returns undefined when it is anything else
 */
export function parseHmacKeyFile(text: string): Uint8Array | undefined {
  const { key, hmacKey } = parseLines(text) ?? {};
  return key === undefined ? hmacKey : undefined;
}

function parseLines(text: string): FoundKeys | undefined {
  const found: { key?: Uint8Array; hmacKey?: Uint8Array } = {};
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const [, hmac, base64, value = ''] = /^\s*(HMAC_)?KEY(_BASE64)?:?\s+(\S+)\s*$/.exec(line) ?? [];
    const field = hmac === undefined ? 'key' : 'hmacKey';
    const bytes = base64 === undefined ? literal(value) : fromPaddedBase64(value);
    if (bytes === undefined || bytes.length === 0 || bytes.length > LONGEST[field]) return undefined;
    if (found[field] !== undefined) return undefined;
    found[field] = bytes;
  }
  return { key: found.key, hmacKey: found.hmacKey };
}

/** Keys: printable ASCII, but not the placeholders of fwknop's own examples. */
function literal(text: string): Uint8Array | undefined {
  return /^[!-~]+$/.test(text) && text !== '__CHANGEME__' ? utf8(text) : undefined;
}

/** Base64 as fwknop prints keys: with its padding, or without. */
function fromPaddedBase64(text: string): Uint8Array | undefined {
  const bare = text.replace(/={1,2}$/, '');
  const padded = bare.length === text.length || text.length % 4 === 0;
  return padded ? fromBase64(bare) : undefined;
}
