import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';

/** A key as text: 43 characters of base64, of either alphabet, or 64 of hex. */
const BASE64_LENGTH = 43;
const HEX_LENGTH = 64;
const RUNS = /[A-Za-z0-9+/_-]{43,}/g;
/** A key as it is: bytes without a pattern, of which no text has so many different ones or so many beyond ASCII. */
const RAW_LENGTH = 32;
const LEAST_DIFFERENT = 20;
const LEAST_BEYOND_ASCII = 6;
/** A longer run is not a key with something beside it, but a program or a picture. */
const LONGEST_RUN = 1000;

/** Places that were looked through, and what was found there. */
export interface Searched {
  readonly files: number;
  /** Files with the private key in them. */
  readonly found: readonly string[];
}

/**
 * Looks for a private key that the test does not know. It tries every text and every run of bytes that could be a key, and
 * compares the public half.
 * @param dirs searched with all that is below
 */
export function searchPrivateKey(dirs: readonly string[], publicKey: Uint8Array): Searched {
  const wanted = Buffer.from(publicKey).toString('hex');
  const tried = new Map<string, boolean>();
  const isKey = (bytes: Buffer) => {
    const name = bytes.toString('latin1');
    const known = tried.get(name);
    if (known !== undefined) return known;
    const same = bytes.length === RAW_LENGTH && Buffer.from(nodeCrypto.publicKey(bytes)).toString('hex') === wanted;
    tried.set(name, same);
    return same;
  };
  const files = dirs.flatMap(filesBelow);
  const found = files.filter((file) => {
    const bytes = readFileSync(file);
    return texts(bytes.toString('latin1')).some(isKey) || raw(bytes).some(isKey);
  });
  return { files: files.length, found };
}

function texts(text: string): Buffer[] {
  const runs = (text.match(RUNS) ?? []).filter((run) => run.length <= LONGEST_RUN);
  return runs.flatMap((run) => [
    ...windows(run, BASE64_LENGTH).map((each) => Buffer.from(each, 'base64')),
    ...windows(run, HEX_LENGTH)
      .filter((each) => /^[0-9a-f]+$/i.test(each))
      .map((each) => Buffer.from(each, 'hex')),
  ]);
}

function raw(bytes: Buffer): Buffer[] {
  const starts = Array.from({ length: Math.max(0, bytes.length - RAW_LENGTH + 1) }, (_, start) => start);
  return starts.map((start) => bytes.subarray(start, start + RAW_LENGTH)).filter(looksRandom);
}

function looksRandom(bytes: Buffer): boolean {
  let beyondAscii = 0;
  for (const byte of bytes) if (byte > 127) beyondAscii++;
  return beyondAscii >= LEAST_BEYOND_ASCII && new Set(bytes).size >= LEAST_DIFFERENT;
}

function windows(run: string, length: number): string[] {
  return Array.from({ length: Math.max(0, run.length - length + 1) }, (_, start) => run.slice(start, start + length));
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
