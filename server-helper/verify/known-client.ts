import { formatKey } from '../../src/spa/keys.ts';
import type { PairKeys } from '../../src/spa/outer.ts';
import type { ClientPolicy } from '../policy/policy.ts';

/** A configured client with the keys that it and this gate derive for each other. */
export interface KnownClient {
  readonly policy: ClientPolicy;
  readonly pair: PairKeys;
  /** The gate's key that the pair was derived with, where that is not the present one. */
  readonly previousPrivate?: Uint8Array;
  /** Number of what the kernel may open for it by itself; undefined: nothing. */
  readonly profile: number | undefined;
}

/** A client's public key as text, by which it is known wherever texts are. */
export function keyTextOf({ pair }: KnownClient): string {
  const known = keyTexts.get(pair);
  if (known !== undefined) return known;
  const text = formatKey(pair.clientPublic);
  keyTexts.set(pair, text);
  return text;
}

/** Thousands of clients are asked for theirs at each reload. */
const keyTexts = new WeakMap<PairKeys, string>();
