import { concat, copyOf, utf8, xor } from '../base/bytes.ts';
import { type CryptoProvider, hkdf } from './crypto.ts';

/** Keys that a client and a gate derive for each other: once, not for each packet. */
export interface PairKeys {
  readonly clientPublic: Uint8Array;
  readonly gatePublic: Uint8Array;
  readonly psk: Uint8Array;
  /** X25519 of both static keys. */
  readonly staticShared: Uint8Array;
  readonly tagKey: Uint8Array;
  readonly maskKey: Uint8Array;
  /** The sender derives each ephemeral key from this key and from random bytes. */
  readonly hedgeKey: Uint8Array;
}

/** The psk of a pair without one: zeros. */
export const NO_PSK: Uint8Array = new Uint8Array(32);

/**
 * Derives the keys of a pair; called on either side with its own private key.
 * @throws when `peerPublic` is a low-order point
 */
export function pairKeys(
  crypto: CryptoProvider,
  side: 'client' | 'gate',
  ownPrivate: Uint8Array,
  peerPublic: Uint8Array,
  psk: Uint8Array = NO_PSK,
): PairKeys {
  const ownPublic = crypto.publicKey(ownPrivate);
  const [clientPublic, gatePublic] = side === 'client' ? [ownPublic, peerPublic] : [peerPublic, ownPublic];
  const staticShared = crypto.agree(ownPrivate, peerPublic);
  const info = concat(utf8('knockgate/2 outer'), clientPublic, gatePublic);
  const output = hkdf(crypto, psk, staticShared, info, 96);
  return {
    clientPublic,
    gatePublic,
    psk,
    staticShared,
    tagKey: copyOf(output, 0, 32),
    maskKey: copyOf(output, 32, 64),
    hedgeKey: copyOf(output, 64, 96),
  };
}

/**
 * Hides or shows the ephemeral key, as QUIC's header protection does (RFC 9001, section 5.4): a bare X25519 key
 * is distinguishable from random bytes.
 */
export function mask(
  crypto: CryptoProvider,
  maskKey: Uint8Array,
  ephemeral: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  return xor(ephemeral, crypto.hmacSha256(maskKey, ciphertext.subarray(ciphertext.length - 16)));
}
