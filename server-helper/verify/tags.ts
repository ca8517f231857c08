import type { CryptoProvider } from '../../src/spa/crypto.ts';
import { EPOCH_SECONDS, TAG_LENGTH, tagsOf } from '../../src/spa/tags.ts';
import type { KnownClient } from './verify.ts';

/** Clients to which a tag belongs: one, or more if ever two of them collide. */
export type Candidates = readonly KnownClient[];

interface Epoch {
  readonly clientsOf: Map<string, Candidates>;
  readonly spent: Set<string>;
  /** Whether all its tags were made: not yet where only spent ones are known, or where making them was broken off. */
  made: boolean;
}

/** Tags that go to the firewall at a time. */
const SLICE = 250;
/** Tags after which making an epoch's tags lets other work go on: a knock that comes meanwhile waits about a millisecond. */
const TURN = 40;

/**
 * Every client's tags for the epochs that the clock tolerance reaches: the same that the kernel holds. Check 1 of
 * protocol.md, and a second guard of "good for one packet": on two cores the kernel lets a copy slip through now and then.
 */
export class TagIndex {
  private readonly epochs = new Map<number, Epoch>();
  private readonly crypto: CryptoProvider;
  private readonly clients: readonly KnownClient[];
  private readonly slots: number;

  constructor(crypto: CryptoProvider, clients: readonly KnownClient[], slots: number) {
    this.crypto = crypto;
    this.clients = clients;
    this.slots = slots;
  }

  /**
   * Makes the tags of one epoch, in slices with a pause between them. Does no harm when it was broken off before.
   * @param turn lets what waits go first, within a slice
   * @returns tags for the firewall, slice by slice, those already spent left out
   */
  async *addEpoch(number: number, pause: () => Promise<void>, turn: () => Promise<void>): AsyncGenerator<Uint8Array[]> {
    const epoch = this.epoch(number);
    let slice: Uint8Array[] = [];
    let sinceTurn = 0;
    for (const client of this.clients) {
      if (isOver(client, number)) continue;
      // One list for all tags of a client: there are hundreds of thousands of them.
      const alone: Candidates = [client];
      for (const tag of tagsOf(this.crypto, client.pair.tagKey, 'ordinary', number, this.slots)) {
        const key = keyOf(tag);
        const holders = epoch.clientsOf.get(key);
        if (holders === undefined) epoch.clientsOf.set(key, alone);
        else if (!holders.includes(client)) epoch.clientsOf.set(key, [...holders, client]);
        if (!epoch.spent.has(key)) slice.push(tag);
      }
      sinceTurn += this.slots;
      if (slice.length >= SLICE) {
        yield slice;
        slice = [];
        sinceTurn = 0;
        await pause();
      } else if (sinceTurn >= TURN) {
        sinceTurn = 0;
        await turn();
      }
    }
    if (slice.length > 0) yield slice;
    epoch.made = true;
  }

  /** The tags of an epoch that are not spent yet, but for those that `other` has too. */
  *unspent(number: number, other?: TagIndex): Generator<Uint8Array[]> {
    const { clientsOf, spent } = this.epoch(number);
    const others = other?.epoch(number).clientsOf;
    const keys = [...clientsOf.keys()].filter((key) => !spent.has(key) && !others?.has(key));
    for (let i = 0; i < keys.length; i += SLICE)
      yield keys.slice(i, i + SLICE).map((key) => Buffer.from(key, 'latin1'));
  }

  /** Takes over what another index knows to be spent: tags stay single-use when the configuration is swapped. */
  inheritSpent(other: TagIndex): void {
    for (const [number, { spent }] of other.epochs) {
      for (const key of spent) this.epoch(number).spent.add(key);
    }
  }

  /** Forgets all epochs but these. */
  keepOnly(numbers: readonly number[]): void {
    for (const number of this.epochs.keys()) {
      if (!numbers.includes(number)) this.epochs.delete(number);
    }
  }

  /** Whether all tags of an epoch are here. */
  has(number: number): boolean {
    return this.epochs.get(number)?.made ?? false;
  }

  /** The clients of a datagram's tag, which is spent by this call; undefined when it is not current or was spent before. */
  spend(datagram: Uint8Array): Candidates | undefined {
    if (datagram.length < TAG_LENGTH) return undefined;
    const key = keyOf(datagram.subarray(0, TAG_LENGTH));
    for (const { clientsOf, spent } of this.epochs.values()) {
      const clients = clientsOf.get(key);
      if (clients === undefined) continue;
      if (spent.has(key)) return undefined;
      spent.add(key);
      return clients;
    }
    return undefined;
  }

  private epoch(number: number): Epoch {
    const known = this.epochs.get(number);
    if (known !== undefined) return known;
    const epoch: Epoch = { clientsOf: new Map(), spent: new Set(), made: false };
    this.epochs.set(number, epoch);
    return epoch;
  }
}

/** Whether a client has the gate's previous key, whose time is over when an epoch begins. */
function isOver({ previousPrivate, policy }: KnownClient, epoch: number): boolean {
  return previousPrivate !== undefined && (policy.notAfter ?? Infinity) <= epoch * EPOCH_SECONDS * 1000;
}

function keyOf(tag: Uint8Array): string {
  return Buffer.from(tag.buffer, tag.byteOffset, TAG_LENGTH).toString('latin1');
}
