import type { Address } from '../../src/base/addresses.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { MOST_EARLIER } from '../../src/spa/payload.ts';
import { TAG_LENGTH, type TagKind, tagBlock } from '../../src/spa/tags.ts';
import { EpochTags } from './epoch-tags.ts';
import { type KnownClient, keyTextOf } from './known-client.ts';

/** Tags of a client that are remembered before they are made: those of two messages. */
const MOST_NAMED = 2 * MOST_EARLIER;

/** A source of tags: a client's own tag key, or its key for one address. */
export interface TagSource {
  readonly client: KnownClient;
  readonly kind: TagKind;
  readonly key: Uint8Array;
  /** Where bound tags are for: known addresses of the client, all of one IPv6 /64. Empty for ordinary tags. */
  readonly addresses: readonly Address[];
  /** Mark of its tags in the kernel, where it may open to them (`tag-marks.ts`). */
  readonly mark: number;
  /** Sources with the same id have the same tags and the same mark. */
  readonly id: string;
}

/** The tags of a source in an epoch: as many of the first slots as were made. */
export interface IssuedTags {
  /** Another takes its place when the configuration is swapped. */
  source: TagSource;
  readonly epoch: number;
  readonly count: number;
  /** Whether the kernel leaves them to the daemon. */
  readonly isDaemonOnly: boolean;
}

/**
 * The tags that the kernel holds. Check 1 of protocol.md: which client a tag belongs to, and whether it was used. A packet that does
 * not verify does not use its tag up.
 */
export class TagIndex {
  private readonly epochs = new Map<number, EpochTags<IssuedTags>>();
  /** Used tags, by the last epoch in which each can be current. */
  private readonly used = new Map<string, number>();
  /** Tags that clients have named as worthless before they were made: the last ones of each. A restart forgets them. */
  private readonly named = new Map<string, Set<string>>();
  private readonly crypto: CryptoProvider;
  /** The epoch in which a tag was found last: the next one is looked for there first. */
  private latest = 0;
  /** The tag that was looked for last, and its source: a knock asks several times. */
  private asked: { readonly key: string; readonly issued: IssuedTags | undefined } | undefined;

  constructor(crypto: CryptoProvider) {
    this.crypto = crypto;
  }

  /** Adds tags. @returns those that are not used yet, in hexadecimal */
  add(issued: IssuedTags): string[] {
    const epoch = this.epochs.get(issued.epoch) ?? new EpochTags<IssuedTags>();
    this.epochs.set(issued.epoch, epoch);
    const bytes = this.bytesOf(issued);
    epoch.add(issued, bytes);
    this.asked = undefined;
    const tags = textsOf(bytes);
    const named = this.named.get(keyTextOf(issued.source.client));
    if (named !== undefined) for (const tag of tags) if (named.has(tag)) this.used.set(tag, issued.epoch);
    return this.unused(tags);
  }

  /** Removes tags. @returns those that were not used, in hexadecimal */
  remove(issued: IssuedTags): string[] {
    this.epochs.get(issued.epoch)?.remove(issued);
    this.asked = undefined;
    return this.unused(textsOf(this.bytesOf(issued)));
  }

  /** Finds the source of a datagram's tag; undefined when it is not current, or was used before. */
  find(datagram: Uint8Array): IssuedTags | undefined {
    if (datagram.length < TAG_LENGTH) return undefined;
    const key = keyOf(datagram);
    if (this.used.has(key)) return undefined;
    return this.issuedBy(datagram, key);
  }

  /** Finds the source of a tag, used or not. */
  holderOf(tag: Uint8Array): IssuedTags | undefined {
    return this.issuedBy(tag, keyOf(tag));
  }

  /** Notes that a tag is used. @returns the source of the tag; undefined when it has none, or was used before */
  use(tag: Uint8Array): IssuedTags | undefined {
    const key = keyOf(tag);
    const issued = this.issuedBy(tag, key);
    if (issued === undefined || this.used.has(key)) return undefined;
    this.used.set(key, issued.epoch);
    return issued;
  }

  /** Notes tags as used that may not have been made yet. @param until the last epoch in which one of them can be current */
  noteUsed(tags: readonly Uint8Array[], until: number): void {
    for (const tag of tags) this.used.set(keyOf(tag), until);
  }

  /** Notes that a tag is to count as used once it is made, if it is that client's. A client whose clock is ahead may have sent it. */
  useWhenMade(tag: Uint8Array, client: Uint8Array): void {
    const name = formatKey(client);
    const named = this.named.get(name) ?? new Set<string>();
    this.named.set(name, named);
    const key = keyOf(tag);
    // One that is named again is the last one; it takes no second place.
    named.delete(key);
    named.add(key);
    for (const first of named) {
      if (named.size <= MOST_NAMED) break;
      named.delete(first);
    }
  }

  /** Forgets what was named by clients that have no source among these. */
  forgetNamedBut(sources: readonly TagSource[]): void {
    if (this.named.size === 0) return;
    const present = new Set(sources.map(({ client }) => keyTextOf(client)));
    for (const name of this.named.keys()) if (!present.has(name)) this.named.delete(name);
  }

  /** Forgets all epochs before one. */
  forgetBefore(first: number): void {
    this.asked = undefined;
    for (const number of this.epochs.keys()) if (number < first) this.epochs.delete(number);
    for (const [key, epoch] of this.used) if (epoch < first) this.used.delete(key);
  }

  /** Forgets all tags, not which are used. */
  clear(): void {
    this.asked = undefined;
    this.epochs.clear();
  }

  private issuedBy(datagram: Uint8Array, key: string): IssuedTags | undefined {
    if (this.asked?.key !== key) this.asked = { key, issued: this.search(datagram.subarray(0, TAG_LENGTH)) };
    return this.asked.issued;
  }

  private search(tag: Uint8Array): IssuedTags | undefined {
    const first = this.epochs.get(this.latest)?.find(tag);
    if (first !== undefined) return first;
    for (const [number, epoch] of this.epochs) {
      const issued = number === this.latest ? undefined : epoch.find(tag);
      if (issued === undefined) continue;
      this.latest = number;
      return issued;
    }
    return undefined;
  }

  private bytesOf({ source, epoch, count }: IssuedTags): Uint8Array {
    return tagBlock(this.crypto, source.key, source.kind, epoch, count);
  }

  private unused(tags: string[]): string[] {
    return this.used.size === 0 ? tags : tags.filter((tag) => !this.used.has(tag));
  }
}

/** Tags in hexadecimal. There are hundreds of thousands, so a text of all of them is made and cut. */
function textsOf(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  const tags: string[] = [];
  for (let at = 0; at < text.length; at += 2 * TAG_LENGTH) tags.push(text.slice(at, at + 2 * TAG_LENGTH));
  return tags;
}

/** A tag, or that of a datagram, as the key of a map: in hexadecimal. */
export function keyOf(tag: Uint8Array): string {
  return Buffer.from(tag.buffer, tag.byteOffset, TAG_LENGTH).toString('hex');
}
