import { type Address, isUnicast, sameBytes } from '../../src/base/addresses.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import { hasMessageLength, openMessage } from '../../src/spa/message.ts';
import type { PairKeys } from '../../src/spa/outer.ts';
import type { AccessRequest } from '../../src/spa/payload.ts';
import type { Packet } from '../capture/packet.ts';
import type { ClientPolicy } from '../policy/policy.ts';

/** A configured client with the keys that it and this gate derive for each other. */
export interface KnownClient {
  readonly policy: ClientPolicy;
  readonly pair: PairKeys;
  /** The gate's key that the pair was derived with, where that is not the present one. */
  readonly previousPrivate?: Uint8Array;
}

/** The gate's side of every check. Times in milliseconds. */
export interface VerifyContext {
  readonly crypto: CryptoProvider;
  readonly gatePrivate: Uint8Array;
  readonly toleranceMs: number;
  /** Unix time. */
  readonly now: number;
}

export type RefusalReason = 'malformed' | 'unauthentic' | 'source-mismatch' | 'clock-skew';

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
      /** Known where the message was authentic, or only one client could have sent it. */
      readonly client: KnownClient | undefined;
      /** The sender's clock less ours, of `clock-skew`. */
      readonly skewMs?: number;
    };

/** The checks of protocol.md from `malformed` to `clock-skew`, in its order, against every client that the packet's tag can belong to. */
export function verify(context: VerifyContext, candidates: readonly KnownClient[], packet: Packet): Verified {
  if (!hasMessageLength(packet.datagram)) return { ok: false, reason: 'malformed', client: onlyOne(candidates) };
  for (const client of candidates) {
    const opened = openMessage(
      context.crypto,
      client.pair,
      client.previousPrivate ?? context.gatePrivate,
      packet.datagram,
    );
    if (opened.ok) return checkRequest(context, client, opened.request, opened.aeadTag, packet.source);
    if (opened.reason === 'malformed') return { ok: false, reason: 'malformed', client };
  }
  return { ok: false, reason: 'unauthentic', client: onlyOne(candidates) };
}

function checkRequest(
  context: VerifyContext,
  client: KnownClient,
  request: AccessRequest,
  aeadTag: Uint8Array,
  source: Address,
): Verified {
  if (request.source !== undefined && !(isUnicast(request.source) && sameBytes(request.source, source)))
    return { ok: false, reason: 'source-mismatch', client };
  const skewMs = request.timestamp - context.now;
  if (Math.abs(skewMs) > context.toleranceMs) return { ok: false, reason: 'clock-skew', client, skewMs };
  return { ok: true, client, request, aeadTag };
}

function onlyOne(candidates: readonly KnownClient[]): KnownClient | undefined {
  return candidates.length === 1 ? candidates[0] : undefined;
}
