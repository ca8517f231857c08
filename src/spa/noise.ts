import { concat, utf8 } from '../base/bytes.ts';
import { type CryptoProvider, hkdf } from './crypto.ts';

/**
 * The Noise one-way patterns K and Kpsk0 over 25519, AESGCM and SHA256 (Noise Protocol Framework, revision 34,
 * sections 5, 7.4 and 9). K is here because the published vectors cover it too; the SPA message uses Kpsk0.
 */
const PROTOCOL_NAME = {
  withoutPsk: 'Noise_K_25519_AESGCM_SHA256',
  withPsk: 'Noise_Kpsk0_25519_AESGCM_SHA256',
} as const;

const DH_LENGTH = 32;
const TAG_LENGTH = 16;
const EMPTY = new Uint8Array(0);

/** One side's keys, as the pattern needs them. All 32 bytes. */
export interface NoiseKeys {
  readonly prologue: Uint8Array;
  /** With a psk the pattern is Kpsk0, without it K. So the protocol name always fits the keys. */
  readonly psk?: Uint8Array;
  /** Public static keys of both sides. */
  readonly initiator: Uint8Array;
  readonly responder: Uint8Array;
  /** X25519 of both static keys. It is the same for every message of a pair, so the caller computes it once. */
  readonly staticShared: Uint8Array;
}

/** Keys for a transport after the message. Only tests use them. */
export interface NoiseResult {
  readonly bytes: Uint8Array;
  readonly handshakeHash: Uint8Array;
}

/**
 * Writes the one message: e, then the encrypted payload.
 * @param ephemeralPrivate 32 secret bytes that no other message has
 * @returns `bytes`: 32 bytes of e, then payload + 16 bytes
 */
export function writeMessage(
  crypto: CryptoProvider,
  keys: NoiseKeys,
  ephemeralPrivate: Uint8Array,
  payload: Uint8Array,
): NoiseResult {
  const state = new SymmetricState(crypto, keys);
  const e = crypto.publicKey(ephemeralPrivate);
  state.mixEphemeral(e);
  state.mixKey(crypto.agree(ephemeralPrivate, keys.responder));
  state.mixKey(keys.staticShared);
  const ciphertext = state.encrypt(payload);
  return { bytes: concat(e, ciphertext), handshakeHash: state.hash };
}

/**
 * Reads the one message.
 * @throws when the message is too short, contains a low-order point, or does not authenticate
 */
export function readMessage(
  crypto: CryptoProvider,
  keys: NoiseKeys,
  responderPrivate: Uint8Array,
  message: Uint8Array,
): NoiseResult {
  if (message.length < DH_LENGTH + TAG_LENGTH) throw new Error('Noise message: too short');
  const state = new SymmetricState(crypto, keys);
  const e = message.subarray(0, DH_LENGTH);
  state.mixEphemeral(e);
  state.mixKey(crypto.agree(responderPrivate, e));
  state.mixKey(keys.staticShared);
  const payload = state.decrypt(message.subarray(DH_LENGTH));
  return { bytes: payload, handshakeHash: state.hash };
}

/** CipherState and SymmetricState of the specification (section 5), as far as one message needs them. */
class SymmetricState {
  hash: Uint8Array;
  private chainingKey: Uint8Array;
  private key: Uint8Array = EMPTY;
  private readonly mixesEphemeralIntoKey: boolean;
  private readonly crypto: CryptoProvider;

  constructor(crypto: CryptoProvider, keys: NoiseKeys) {
    this.crypto = crypto;
    // A protocol name of at most 32 bytes is padded with zeros, a longer one hashed (section 5.2).
    const name = utf8(keys.psk === undefined ? PROTOCOL_NAME.withoutPsk : PROTOCOL_NAME.withPsk);
    this.hash = name.length <= 32 ? concat(name, new Uint8Array(32 - name.length)) : crypto.sha256(name);
    this.chainingKey = this.hash;
    this.mixHash(keys.prologue);
    this.mixHash(keys.initiator);
    this.mixHash(keys.responder);
    this.mixesEphemeralIntoKey = keys.psk !== undefined;
    if (keys.psk !== undefined) this.mixKeyAndHash(keys.psk);
  }

  /** Token e; in a psk handshake the ephemeral key goes into the chaining key too (section 9.2). */
  mixEphemeral(e: Uint8Array): void {
    this.mixHash(e);
    if (this.mixesEphemeralIntoKey) this.mixKey(e);
  }

  mixKey(input: Uint8Array): void {
    const output = hkdf(this.crypto, this.chainingKey, input, EMPTY, 64);
    this.chainingKey = output.subarray(0, 32);
    this.key = output.subarray(32, 64);
  }

  encrypt(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.crypto.seal(this.key, ZERO_NONCE, this.hash, plaintext);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  decrypt(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.crypto.open(this.key, ZERO_NONCE, this.hash, ciphertext);
    this.mixHash(ciphertext);
    return plaintext;
  }

  private mixKeyAndHash(input: Uint8Array): void {
    const output = hkdf(this.crypto, this.chainingKey, input, EMPTY, 96);
    this.chainingKey = output.subarray(0, 32);
    this.mixHash(output.subarray(32, 64));
    this.key = output.subarray(64, 96);
  }

  private mixHash(data: Uint8Array): void {
    this.hash = this.crypto.sha256(concat(this.hash, data));
  }
}

// Each key encrypts one message, so the counter stays zero. AESGCM: 32 zero bits, then the counter (section 12).
const ZERO_NONCE = new Uint8Array(12);
