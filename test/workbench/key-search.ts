import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';

/** A key as text: 43 characters of base64, of either alphabet, or 64 of hex. */
const BASE64_LENGTH = 43;
const HEX_LENGTH = 64;
const RUNS = /[A-Za-z0-9+/_-]{43,}/g;
/** A longer run is not a key with something beside it, but a program or a picture. */
const LONGEST_RUN = 1000;

/** What was looked through, and what was found in it. */
export interface Searched {
  readonly files: number;
  /** Files with the private key in them. */
  readonly found: readonly string[];
}

/**
 * Looks for a private key that nobody here knows: whatever could be one as text is taken for one, and its public half is
 * compared.
 * @param dirs searched with all that is below
 */
export function searchPrivateKey(dirs: readonly string[], publicKey: Uint8Array): Searched {
  const wanted = Buffer.from(publicKey).toString('hex');
  const tried = new Map<string, boolean>();
  const isKey = (text: string, encoding: 'base64' | 'hex') => {
    const bytes = Buffer.from(text, encoding);
    const known = tried.get(text);
    if (known !== undefined) return known;
    const same = bytes.length === 32 && Buffer.from(nodeCrypto.publicKey(bytes)).toString('hex') === wanted;
    tried.set(text, same);
    return same;
  };
  const files = dirs.flatMap(filesBelow);
  const found = files.filter((file) =>
    candidates(readFileSync(file, 'latin1')).some(([text, encoding]) => isKey(text, encoding)),
  );
  return { files: files.length, found };
}

function candidates(text: string): [string, 'base64' | 'hex'][] {
  const runs = (text.match(RUNS) ?? []).filter((run) => run.length <= LONGEST_RUN);
  return runs.flatMap((run) => [
    ...windows(run, BASE64_LENGTH).map((each): [string, 'base64'] => [each, 'base64']),
    ...windows(run, HEX_LENGTH)
      .filter((each) => /^[0-9a-f]+$/i.test(each))
      .map((each): [string, 'hex'] => [each, 'hex']),
  ]);
}

function windows(run: string, length: number): string[] {
  return Array.from({ length: Math.max(0, run.length - length + 1) }, (_, start) => run.slice(start, start + length));
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
