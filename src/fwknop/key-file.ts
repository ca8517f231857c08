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

/** Longest keys that fwknop accepts, in bytes. */
const LONGEST = { key: 32, hmacKey: 128 } as const;

interface FoundKeys {
  readonly key: Uint8Array | undefined;
  readonly hmacKey: Uint8Array | undefined;
}

/**
 * Reads a file of keys: lines such as `KEY_BASE64: …` and `HMAC_KEY_BASE64: …`, which is what `fwknop --key-gen` prints, or
 * `KEY` and `HMAC_KEY` with a text. Blank lines and comments (`#`) are left out.
 * @returns undefined when the file is invalid: no key, a key twice, two equal keys, fwknop's placeholder `__CHANGEME__`, or
 * a key that is too long
 */
export function parseKeyFile(text: string): FwknopSecrets | undefined {
  const { key, hmacKey } = parseLines(text) ?? {};
  if (key === undefined || (hmacKey !== undefined && sameBytes(key, hmacKey))) return undefined;
  return { key, hmacKey };
}

/**
 * Reads a file that has the HMAC's key and no other, as GnuPG's mode needs it.
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

/** Reads a key that is a text: printable ASCII, but not a placeholder of fwknop's examples. */
function literal(text: string): Uint8Array | undefined {
  return /^[!-~]+$/.test(text) && text !== '__CHANGEME__' ? utf8(text) : undefined;
}

/** Reads base64 with or without padding: fwknop prints keys in both forms. */
function fromPaddedBase64(text: string): Uint8Array | undefined {
  const bare = text.replace(/={1,2}$/, '');
  const padded = bare.length === text.length || text.length % 4 === 0;
  return padded ? fromBase64(bare) : undefined;
}
