import { type Address, formatAddress } from '../../src/base/addresses.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { placeKeyOf, placeOf, samePlace } from '../../src/spa/tags.ts';
import type { BoundAddress } from '../firewall/firewall.ts';
import { boundMark, DAEMON_ONLY, daemonOnly, isDaemonOnly, MOST_PLACES } from '../firewall/tag-marks.ts';
import type { KnownClient } from '../verify/known-client.ts';
import type { TagSource } from '../verify/tags.ts';

/** Numbers for the places of clients, by which the kernel tells them apart; each keeps its own while this process runs. */
export class PlaceNumbers {
  private readonly numbers = new Map<string, number>();

  /** Undefined when there are no more. */
  of(client: KnownClient, address: Address): number | undefined {
    const key = `${formatKey(client.pair.clientPublic)} ${formatAddress(placeOf(address))}`;
    const number = this.numbers.get(key) ?? this.numbers.size;
    if (number >= MOST_PLACES) return undefined;
    this.numbers.set(key, number);
    return number;
  }
}

/** The tags that everybody may send who has a client's key, from any address. @param byKernel see `without_daemon = "first"` */
export function ordinarySource(client: KnownClient, byKernel: boolean): TagSource {
  const { profile, policy, pair } = client;
  // A profile cannot hold networks: the first sender would be let in from anywhere.
  const opens = byKernel && profile !== undefined && policy.sources.length === 0;
  return sourceOf({ client, kind: 'ordinary', key: pair.tagKey, addresses: [], mark: opens ? profile : DAEMON_ONLY });
}

/**
 * The tags of a client for its known addresses, a source for each place: addresses of one IPv6 /64 have the same tags. The client
 * knocks with them also where the daemon decides.
 */
export function boundSources(
  crypto: CryptoProvider,
  numbers: PlaceNumbers,
  client: KnownClient,
  addresses: readonly Address[],
): TagSource[] {
  const { profile, pair, policy } = client;
  if (!policy.enabled) return [];
  return placesOf(addresses).flatMap(([first, ...others]) => {
    const number = numbers.of(client, first);
    if (number === undefined) return [];
    const key = placeKeyOf(crypto, pair.tagKey, first);
    const mark = profile === undefined ? daemonOnly(boundMark(number, 0)) : boundMark(number, profile);
    return [sourceOf({ client, kind: 'bound', key, addresses: [first, ...others], mark })];
  });
}

function sourceOf(source: Omit<TagSource, 'id'>): TagSource {
  return { ...source, id: `${Buffer.from(source.key).toString('latin1')} ${source.mark}` };
}

/** Addresses by place, in their order. */
export function placesOf(addresses: readonly Address[]): [Address, ...Address[]][] {
  const places: [Address, ...Address[]][] = [];
  for (const address of addresses) {
    const place = places.find(([first]) => samePlace(first, address));
    if (place === undefined) places.push([address]);
    else place.push(address);
  }
  return places;
}

/** For which packets the kernel is to open by itself. A client whose keys are being exchanged has two sources for one place. */
export function boundAddresses(sources: readonly TagSource[]): BoundAddress[] {
  const found = new Map<string, BoundAddress>();
  for (const { addresses, mark } of sources)
    for (const address of isDaemonOnly(mark) ? [] : addresses)
      found.set(`${mark} ${formatAddress(address)}`, { mark, address });
  return [...found.values()];
}

/** Those of some addresses that are not among others. Told apart by a key: there may be tens of thousands. */
export function without(addresses: readonly BoundAddress[], others: readonly BoundAddress[]): BoundAddress[] {
  const known = new Set(others.map(addressKey));
  return addresses.filter((each) => !known.has(addressKey(each)));
}

function addressKey({ mark, address }: BoundAddress): string {
  return `${mark} ${Buffer.from(address).toString('latin1')}`;
}
