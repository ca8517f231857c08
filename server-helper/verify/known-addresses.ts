import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Address, familyOf, formatAddress, isIPv4, masked, parseAddress } from '../../src/base/addresses.ts';
import { concat, utf8 } from '../../src/base/bytes.ts';
import { fieldsOf, parseJson } from '../../src/base/loose-json.ts';
import { PLACE_PREFIX } from '../../src/spa/tags.ts';
import { replaceFile } from '../own-file.ts';
import { type KnownClient, keyTextOf } from './known-client.ts';

/** Addresses of a client that are known at a time, in each family. */
const MOST_ADDRESSES = 3;
/** An address is forgotten so long after the last accepted message from it. */
const KNOWN_FOR = 7 * 24 * 3600 * 1000;
/** The file is written again when an address is used so long after it was last written. */
const NOTED_EVERY = 3600 * 1000;
/** Time between two looks for addresses that are to be forgotten. */
const LOOK_EVERY = 60 * 1000;

/** When the last message came from each address; unix milliseconds. */
type LastSeen = Map<string, number>;

interface KnownOfClient {
  /** Of what the client may do: with another one, nothing is known of it. */
  readonly digest: string;
  readonly addresses: LastSeen;
  /** The same addresses, the last used one first; undefined until they are asked for. */
  newestFirst?: readonly Address[] | undefined;
}

const NONE: readonly Address[] = [];

/**
 * The addresses that clients have proved to be their own: each was claimed in an authenticated message that came from it. To these the
 * kernel opens by itself. Nothing else makes an address known: not where a message without a claim came from, and not
 * that somebody got in.
 *
 * On disk: `{"version":1,"clients":{"PUBLIC KEY":{"digest":"…","addresses":{"192.0.2.1":1795261230000}}}}`.
 */
export class KnownAddresses {
  private readonly path: string;
  private readonly clients: Map<string, KnownOfClient>;
  private ipv6Prefix = 128;
  /** Unix milliseconds. */
  private savedAt = 0;
  private lookedAt = 0;

  /** @param now unix milliseconds; an address that was used later than that is not believed */
  constructor(path: string, now: number) {
    this.path = path;
    this.clients = parseKnown(textOf(path), now);
  }

  /**
   * Follows a configuration: clients that are gone, or that have another psk, other ports or sources, are forgotten.
   * @param now unix milliseconds
   */
  adopt(clients: readonly KnownClient[], ipv6Prefix: number, now: number): void {
    this.ipv6Prefix = ipv6Prefix;
    if (this.clients.size === 0) return;
    const enrolled = new Map(clients.map((client) => [keyTextOf(client), client]));
    let isChanged = false;
    for (const [key, { digest }] of this.clients) {
      const client = enrolled.get(key);
      if (client === undefined || digestOf(client, ipv6Prefix) !== digest) isChanged = this.clients.delete(key);
    }
    if (this.forgetOld(now) || isChanged) this.save(now);
  }

  /** Known addresses of a client, the last used one first. The same list for as long as they are the same. */
  of(client: KnownClient): readonly Address[] {
    if (this.clients.size === 0) return NONE;
    const known = this.clients.get(keyTextOf(client));
    if (known === undefined) return NONE;
    const sorted = (): [string, number][] => [...known.addresses].sort(([, a], [, b]) => b - a);
    known.newestFirst ??= sorted().flatMap(([text]) => parseAddress(text) ?? []);
    return known.newestFirst;
  }

  /**
   * Notes an address that a client has claimed in an accepted message which came from it.
   * @param now unix milliseconds
   * @returns whether it, or another one, is known now that was not before, or the other way round
   */
  note(client: KnownClient, source: Address, now: number): boolean {
    const address = hostOf(source, this.ipv6Prefix);
    if (address === undefined) return false;
    const key = keyTextOf(client);
    const known: KnownOfClient = this.clients.get(key) ?? {
      digest: digestOf(client, this.ipv6Prefix),
      addresses: new Map(),
    };
    this.clients.set(key, known);
    const text = formatAddress(address);
    const isNew = !known.addresses.has(text);
    known.addresses.set(text, now);
    known.newestFirst = undefined;
    const isForgotten = forgetOld(known, now);
    const isChanged = isNew || isForgotten;
    if (isChanged || now - this.savedAt >= NOTED_EVERY) this.save(now);
    return isChanged;
  }

  /**
   * To be called often: forgets addresses that were last used too long ago.
   * @param now unix milliseconds
   * @returns whether there were any
   */
  expire(now: number): boolean {
    if (now - this.lookedAt < LOOK_EVERY) return false;
    this.lookedAt = now;
    if (!this.forgetOld(now)) return false;
    this.save(now);
    return true;
  }

  /** Forgets everything: it was learnt by a clock that was wrong. @param now unix milliseconds */
  forgetAll(now: number): void {
    this.clients.clear();
    this.lookedAt = now;
    this.save(now);
  }

  private forgetOld(now: number): boolean {
    let isForgotten = false;
    for (const known of this.clients.values()) if (forgetOld(known, now)) isForgotten = true;
    return isForgotten;
  }

  private save(now: number): void {
    this.savedAt = now;
    const clients = [...this.clients].map(([key, { digest, addresses }]) => [
      key,
      { digest, addresses: Object.fromEntries(addresses) },
    ]);
    try {
      replaceFile(this.path, `${JSON.stringify({ version: 1, clients: Object.fromEntries(clients) })}\n`, 0o600);
    } catch {
      // Without the file, clients are known for as long as this process runs.
    }
  }
}

/** Forgets addresses of a client that were last used too long ago, and those that are too many. @returns whether there were any */
function forgetOld(known: KnownOfClient, now: number): boolean {
  const { addresses } = known;
  const isOld = (last: number): boolean => last < now - KNOWN_FOR;
  // So it is with nearly all, each time.
  if (addresses.size <= MOST_ADDRESSES && ![...addresses.values()].some(isOld)) return false;
  let isForgotten = false;
  for (const family of ['ipv4', 'ipv6']) {
    const newestFirst = [...addresses].filter(([text]) => familyOf(text) === family).sort(([, a], [, b]) => b - a);
    for (const [i, [text, last]] of newestFirst.entries())
      if (i >= MOST_ADDRESSES || isOld(last)) isForgotten = addresses.delete(text);
  }
  if (isForgotten) known.newestFirst = undefined;
  return isForgotten;
}

/** The part of an address that counts as one host's; undefined for an address that many networks have. */
export function hostOf(source: Address, ipv6Prefix: number): Address | undefined {
  if (isIPv4(source)) return source;
  // fe80::/10: the same address is somebody else on the next link.
  if (source[0] === 0xfe && ((source[1] ?? 0) & 0xc0) === 0x80) return undefined;
  return masked(source, Math.max(PLACE_PREFIX, ipv6Prefix));
}

/** Digests of clients, and the prefix that each was made with. */
const digests = new WeakMap<KnownClient, { readonly ipv6Prefix: number; readonly digest: string }>();

/** A client with another psk, or other rights, has to prove its addresses again. */
function digestOf(client: KnownClient, ipv6Prefix: number): string {
  const known = digests.get(client);
  if (known?.ipv6Prefix === ipv6Prefix) return known.digest;
  const digest = makeDigest(client, ipv6Prefix);
  digests.set(client, { ipv6Prefix, digest });
  return digest;
}

function makeDigest({ pair, policy }: KnownClient, ipv6Prefix: number): string {
  const rights = JSON.stringify([
    policy.ports,
    policy.sources.map(({ address, prefix }) => [formatAddress(address), prefix]),
    ipv6Prefix,
  ]);
  return createHash('sha256')
    .update(concat(utf8('knockgate known addresses'), pair.psk, pair.clientPublic, utf8(rights)))
    .digest('base64url');
}

/** Reads the file. Whatever is broken is left out: who is not known is let in by the daemon. */
function parseKnown(text: string, now: number): Map<string, KnownOfClient> {
  const clients = new Map<string, KnownOfClient>();
  const { version, clients: record } = fieldsOf(parseJson(text));
  if (version !== 1) return clients;
  for (const [key, value] of Object.entries(fieldsOf(record))) {
    const { digest, addresses } = fieldsOf(value);
    if (typeof digest !== 'string') continue;
    const seen: LastSeen = new Map();
    for (const [address, last] of Object.entries(fieldsOf(addresses)))
      if (parseAddress(address) !== undefined && typeof last === 'number' && Number.isSafeInteger(last))
        seen.set(address, last);
    // From the future: the clock was set back, or the file is another machine's.
    if ([...seen.values()].every((last) => last <= now)) clients.set(key, { digest, addresses: seen });
  }
  return clients;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
