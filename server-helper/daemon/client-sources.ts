import type { Address } from '../../src/base/addresses.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import type { KnownClient } from '../verify/known-client.ts';
import type { TagSource } from '../verify/tags.ts';
import { boundSources, ordinarySource, PlaceNumbers, placesOf } from './tag-sources.ts';

/** Decides on the sources of all clients. */
export interface SourceRules {
  /** How many of a client's addresses count. */
  readonly most: number;
  /** Whether the kernel opens to ordinary tags (`without_daemon = "first"`). */
  readonly isOrdinaryAhead: boolean;
}

interface Made extends SourceRules {
  readonly addresses: readonly Address[];
  readonly sources: readonly TagSource[];
}

/**
 * The sources of each client's tags. As long as nothing about a client changes they are the same objects, by which the rotation
 * knows what has changed: there may be thousands of clients, and mostly one changes.
 */
export class ClientSources {
  private readonly crypto: CryptoProvider;
  private readonly places = new PlaceNumbers();
  private readonly made = new WeakMap<KnownClient, Made>();
  private readonly counted = new WeakMap<readonly Address[], number>();

  constructor(crypto: CryptoProvider) {
    this.crypto = crypto;
  }

  /** @param addresses by which the client is known, the last used one first; another list when they change */
  of(client: KnownClient, addresses: readonly Address[], rules: SourceRules): readonly TagSource[] {
    const { most, isOrdinaryAhead } = rules;
    const known = this.made.get(client);
    const isSame = known?.addresses === addresses && known.most === most && known.isOrdinaryAhead === isOrdinaryAhead;
    if (isSame) return known.sources;
    const sources = [
      ...boundSources(this.crypto, this.places, client, addresses.slice(0, most)),
      ordinarySource(client, isOrdinaryAhead),
    ];
    this.made.set(client, { addresses, most, isOrdinaryAhead, sources });
    return sources;
  }

  /** How many places a list of addresses is for. */
  placesOf(addresses: readonly Address[]): number {
    if (addresses.length < 2) return addresses.length;
    const count = this.counted.get(addresses) ?? placesOf(addresses).length;
    this.counted.set(addresses, count);
    return count;
  }
}
