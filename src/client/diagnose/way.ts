import { familyOf, isGlobal, parseAddress } from '../../base/addresses.ts';
import { joined, type Phrase, phrase } from '../../base/phrase.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { Target } from '../gate/target.ts';
import type { OpenUdpRoute } from '../network/udp.ts';

/** The way to one address of a host. */
export type Way =
  | {
      readonly ok: true;
      readonly address: string;
      readonly localAddress: string;
      /** Whether a knock names its source: only an address that every gate sees alike can be claimed. */
      readonly isClaimed: boolean;
      readonly isGlobal: boolean;
    }
  | { readonly ok: false; readonly address: string; readonly code: string };

/** Finds the way to each address; sends nothing. */
export function findWays(
  { addresses, knockPorts: [port = 0], claimSource }: Pick<Target, 'addresses' | 'knockPorts' | 'claimSource'>,
  openRoute: OpenUdpRoute,
): Promise<Way[]> {
  return Promise.all(addresses.map((address) => findWay(address, port, claimSource, openRoute)));
}

async function findWay(address: string, port: number, claimSource: boolean, openRoute: OpenUdpRoute): Promise<Way> {
  try {
    const { localAddress, close } = await openRoute(address, port);
    close();
    const own = parseAddress(localAddress);
    const isOurs = own !== undefined && isGlobal(own);
    return { ok: true, address, localAddress, isClaimed: claimSource && isOurs, isGlobal: isOurs };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return { ok: false, address, code };
  }
}

/** `IPv4 192.0.2.2` */
export function withFamily(address: string): string {
  return `${familyOf(address) === 'ipv6' ? 'IPv6' : 'IPv4'} ${address}`;
}

/** Writes one sentence for each way. */
export function waysInWords(ways: readonly Way[]): Phrase {
  return joined(ways.map(wayInWords), ' ');
}

function wayInWords(way: Way): Phrase {
  const where = withFamily(way.address);
  if (!way.ok) return phrase('{0}: no way there ({1}).', where, way.code);
  if (way.isClaimed) return phrase('{0}: from {1}, a global address; the knock claims it.', where, way.localAddress);
  if (way.isGlobal)
    return phrase(
      '{0}: from {1}, a global address; the knock claims none, as this host says.',
      where,
      way.localAddress,
    );
  return phrase(
    '{0}: from {1}, a private address; the gate sees that of a NAT, so the knock claims none.',
    where,
    way.localAddress,
  );
}
