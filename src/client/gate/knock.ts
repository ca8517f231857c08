import { isGlobal, parseAddress } from '../../base/addresses.ts';
import type { RequestedPort } from '../../base/ports.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { sealMessage } from '../../spa/message.ts';
import type { PairKeys } from '../../spa/outer.ts';
import type { TagSlot } from '../../spa/tags.ts';
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
  /** Whether it says where it comes from, when our address is a global one. */
  readonly claimSource: boolean;
}

/** The result of sending: never whether it arrived. */
export type Sent =
  | { readonly ok: true; readonly localAddress: string; readonly sourceClaimed: boolean }
  | { readonly ok: false; readonly code: string };

/**
 * Sends one knock, a message of its own. The source is claimed whenever our address on the way is a global one, on every
 * retry too: a knock that claims less could be delivered by somebody else. Only a person can turn that off.
 * @param place the message's own; not used before or again
 * @returns the system's error code when it could not be sent
 */
export async function sendKnock(
  crypto: CryptoProvider,
  pair: PairKeys,
  place: TagSlot,
  ask: Ask,
  to: { readonly address: string; readonly port: number },
  openRoute: OpenUdpRoute,
): Promise<Sent> {
  let route: UdpRoute | undefined;
  try {
    route = await openRoute(to.address, to.port);
    const own = parseAddress(route.localAddress);
    const { claimSource, action = '', ...wanted } = ask;
    const source = claimSource && own !== undefined && isGlobal(own) ? own : undefined;
    // Without a zone, which has a meaning on this computer only.
    const destination = parseAddress(to.address.replace(/%.*$/, ''));
    if (destination === undefined) throw new RangeError(`${to.address} is not a literal address`);
    await route.send(sealMessage(crypto, pair, place, { ...wanted, source, destination, action, earlier: [] }));
    return { ok: true, localAddress: route.localAddress, sourceClaimed: source !== undefined };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return { ok: false, code };
  } finally {
    route?.close();
  }
}
