import { type Address, isGlobal, parseAddress } from '../../base/addresses.ts';
import { copyOf } from '../../base/bytes.ts';
import type { RequestedPort } from '../../base/ports.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { sealMessage } from '../../spa/message.ts';
import type { PairKeys } from '../../spa/outer.ts';
import { TAG_LENGTH, type TagSlot } from '../../spa/tags.ts';
import type { OpenUdpRoute, UdpRoute } from '../network/udp.ts';

/** Content of a knock. */
export interface Ask {
  readonly ports: readonly RequestedPort[];
  /** Name of an action of the gate. */
  readonly action?: string | undefined;
  /** Seconds; 0 for the gate's default. */
  readonly duration: number;
  /** Unix milliseconds by the gate's clock. */
  readonly timestamp: number;
  /** Tags of earlier knocks of the same attempt: they are worth nothing once this one is accepted. */
  readonly earlier: readonly Uint8Array[];
}

/** The address and UDP port that a knock is sent to. */
export interface Destination {
  /** A literal one. */
  readonly address: string;
  readonly port: number;
}

/** A way to a gate. The caller that opened it closes its route. */
export type KnockWay =
  | {
      readonly ok: true;
      readonly to: Destination;
      readonly route: UdpRoute;
      /** The address that a knock claims to come from. */
      readonly source: Address | undefined;
      /** Whether a server told us that address: a NAT may use another one by now. */
      readonly isTold: boolean;
    }
  | { readonly ok: false; readonly to: Destination; readonly code: string };

/** The result of sending: never whether it arrived. */
export type Sent =
  | { readonly ok: true; readonly localAddress: string; readonly source: Address | undefined; readonly tag: Uint8Array }
  | { readonly ok: false; readonly code: string };

/**
 * Opens the way for a knock. The source is claimed whenever our address on the way is a global one, on every retry too: a knock
 * that claims less could be delivered by somebody else. Only a person can turn that off.
 * @param claimSource whether the knock says where it comes from
 * @param toldAddress finds the address that a server told us for a network, by our own one; it is claimed where our own is not global
 */
export async function openWay(
  to: Destination,
  claimSource: boolean,
  openRoute: OpenUdpRoute,
  toldAddress: (local: string) => string | undefined = () => undefined,
): Promise<KnockWay> {
  try {
    const route = await openRoute(to.address, to.port);
    const own = parseAddress(route.localAddress);
    const isOwn = own !== undefined && isGlobal(own);
    const told = isOwn ? undefined : parseAddress(toldAddress(route.localAddress) ?? '');
    const source = claimSource ? (isOwn ? own : told) : undefined;
    return { ok: true, to, route, source, isTold: source !== undefined && !isOwn };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return { ok: false, to, code };
  }
}

/**
 * Sends one knock, a message of its own, over a way of its own.
 * @param slot the message's own; not used before or again
 * @returns the system's error code when it could not be sent
 */
export async function sendKnock(
  crypto: CryptoProvider,
  pair: PairKeys,
  slot: TagSlot,
  { claimSource, ...ask }: Ask & { readonly claimSource: boolean },
  to: Destination,
  openRoute: OpenUdpRoute,
): Promise<Sent> {
  const way = await openWay(to, claimSource, openRoute);
  if (!way.ok) return { ok: false, code: way.code };
  try {
    return await sendOn(crypto, pair, slot, ask, way);
  } finally {
    way.route.close();
  }
}

/** The same over a way that is open. */
export async function sendOn(
  crypto: CryptoProvider,
  pair: PairKeys,
  slot: TagSlot,
  ask: Ask,
  way: KnockWay & { readonly ok: true },
): Promise<Sent> {
  const { to, route, source } = way;
  // Without a zone, which has a meaning on this computer only.
  const destination = parseAddress(to.address.replace(/%.*$/, ''));
  if (destination === undefined) throw new RangeError(`${to.address} is not a literal address`);
  const { action = '', ...wanted } = ask;
  const datagram = sealMessage(crypto, pair, slot, { ...wanted, source, destination, action });
  try {
    await route.send(datagram);
    return { ok: true, localAddress: route.localAddress, source, tag: copyOf(datagram, 0, TAG_LENGTH) };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return { ok: false, code };
  }
}
