import { type Address, isGlobal, isUnicast, sameBytes } from '../../src/base/addresses.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import { openMessage } from '../../src/spa/message.ts';
import type { AccessRequest } from '../../src/spa/payload.ts';
import { samePlace } from '../../src/spa/tags.ts';
import type { Packet } from '../capture/packet.ts';
import type { KnownClient } from './known-client.ts';
import type { TagSource } from './tags.ts';

/** The gate's side of every check. Times in milliseconds. */
export interface VerifyContext {
  readonly crypto: CryptoProvider;
  readonly gatePrivate: Uint8Array;
  readonly toleranceMs: number;
  /** Unix time. */
  readonly now: number;
  /** Addresses of this gate beside those that its packets show, where clients reach it through NAT; empty when they are unknown. */
  readonly addresses: readonly Address[];
}

export type RefusalReason = 'malformed' | 'unauthentic' | 'source-mismatch' | 'destination-mismatch' | 'clock-skew';

export type Verified =
  | {
      readonly ok: true;
      readonly client: KnownClient;
      readonly request: AccessRequest;
      /** The message's own AEAD tag, 16 bytes: what replays are known by. */
      readonly aeadTag: Uint8Array;
    }
  | {
      readonly ok: false;
      readonly reason: RefusalReason;
      readonly client: KnownClient;
      /** The sender's clock less ours, of `clock-skew`. */
      readonly skewMs?: number;
    };

/**
 * Checks 2 to 7 of protocol.md, in its order.
 * @param source of the packet's tag
 */
export function verify(context: VerifyContext, source: TagSource, packet: Packet): Verified {
  const { client } = source;
  const { crypto, gatePrivate } = context;
  const opened = openMessage(crypto, client.pair, client.previousPrivate ?? gatePrivate, packet.datagram);
  if (!opened.ok) return { ok: false, reason: opened.reason, client };
  const { request, aeadTag } = opened;
  if (!comesFromClaimed(source, request, packet.source)) return { ok: false, reason: 'source-mismatch', client };
  if (!isMeantForUs(context, request, packet)) return { ok: false, reason: 'destination-mismatch', client };
  const skewMs = request.timestamp - context.now;
  if (Math.abs(skewMs) > context.toleranceMs) return { ok: false, reason: 'clock-skew', client, skewMs };
  return { ok: true, client, request, aeadTag };
}

/** A bound tag is for the place that the message claims. */
function comesFromClaimed(
  { kind, addresses }: TagSource,
  { source: claimed }: AccessRequest,
  source: Address,
): boolean {
  if (claimed === undefined) return kind === 'ordinary';
  const isRightPlace = kind === 'ordinary' || addresses.some((address) => samePlace(address, claimed));
  return isUnicast(claimed) && sameBytes(claimed, source) && isRightPlace;
}

/**
 * Whether a message was sent to this gate, and not to another one that hands it on. Behind NAT a packet does not show the
 * address that the client has sent it to: there only a gate that was told its addresses can say.
 */
function isMeantForUs({ addresses }: VerifyContext, { destination }: AccessRequest, packet: Packet): boolean {
  const own = packet.destination;
  if (own !== undefined && sameBytes(own, destination)) return true;
  if (addresses.length > 0) return addresses.some((address) => sameBytes(address, destination));
  return own === undefined || !isGlobal(own);
}
