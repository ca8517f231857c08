import { parseAddress } from '../../src/base/addresses.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatKey, newPrivateKey } from '../../src/spa/keys.ts';
import { sealMessage } from '../../src/spa/message.ts';
import { type PairKeys, pairKeys } from '../../src/spa/outer.ts';
import type { AccessRequest } from '../../src/spa/payload.ts';
import { epochAt, placeKeyOf, type TagKind, tagOf } from '../../src/spa/tags.ts';
import type { ClientEntry } from './gate.ts';
import { requestTo } from './request.ts';

/** The parts of a message that differ from one to the next. */
export interface Sealing extends Partial<AccessRequest> {
  /** The address that it claims to come from. */
  readonly from?: string;
  /** Bound to that address; ordinary when left out. */
  readonly kind?: TagKind;
  /** Rather than that of the timestamp. */
  readonly epoch?: number;
}

/** Many clients with keys of their own, and messages that they may send: each has a tag that its client has not used. */
export class Clients {
  /** As gate.toml has them. */
  readonly entries: readonly ClientEntry[];
  private readonly privates: readonly Uint8Array[];
  private readonly pairs = new Map<number, PairKeys>();
  private readonly used = new Map<string, number>();
  private gateKey: Uint8Array | undefined;

  constructor(count: number) {
    this.privates = Array.from({ length: count }, () => newPrivateKey(nodeCrypto));
    this.entries = this.privates.map((key, n) => ({
      name: `client-${n}`,
      key: formatKey(nodeCrypto.publicKey(key)),
    }));
  }

  /** Tells them the key of the gate at which they are enrolled. */
  enrol(gateKey: Uint8Array): void {
    this.gateKey = gateKey;
    this.pairs.clear();
  }

  /** A message of the n-th client. */
  seal(n: number, { from, kind = 'ordinary', epoch, ...request }: Sealing = {}): Uint8Array {
    const timestamp = request.timestamp ?? Date.now();
    const place = { kind, epoch: epoch ?? epochAt(timestamp), slot: 0 };
    const name = [n, kind, kind === 'bound' ? from : '', place.epoch].join(' ');
    const slot = this.used.get(name) ?? 0;
    this.used.set(name, slot + 1);
    const source = from === undefined ? undefined : addressOf(from);
    return sealMessage(
      nodeCrypto,
      this.pair(n),
      { ...place, slot },
      requestTo(undefined, { timestamp, source, ...request }),
    );
  }

  /** The first tag of the n-th client in an epoch: an ordinary one, or one that is bound to an address. */
  firstTag(n: number, from?: string, epoch = epochAt(Date.now())): Uint8Array {
    const { tagKey } = this.pair(n);
    if (from === undefined) return tagOf(nodeCrypto, tagKey, { kind: 'ordinary', epoch, slot: 0 });
    return tagOf(nodeCrypto, placeKeyOf(nodeCrypto, tagKey, addressOf(from)), { kind: 'bound', epoch, slot: 0 });
  }

  private pair(n: number): PairKeys {
    const key = this.privates[n];
    if (key === undefined || this.gateKey === undefined) throw new Error(`client ${n} is not enrolled`);
    const pair = this.pairs.get(n) ?? pairKeys(nodeCrypto, 'client', key, this.gateKey);
    this.pairs.set(n, pair);
    return pair;
  }
}

function addressOf(text: string): Uint8Array {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}
