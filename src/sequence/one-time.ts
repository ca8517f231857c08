import type { RequestedPort } from '../base/ports.ts';
import type { CryptoProvider } from '../spa/crypto.ts';

/** Seconds for which a one-time sequence is current. Gates also accept the previous one and the next one. */
export const TIME_STEP_SECONDS = 60;

/** Random bits of a sequence: without the key, they must be guessed. */
export const ONE_TIME_BITS = 75;

const LABEL = 'knockgate one-time sequence';
const STEPS = 5;
const BITS_OF_A_STEP = ONE_TIME_BITS / STEPS;
/** The first UDP port of steps: they go to this one and the 2^15 - 1 above it. */
const FIRST_PORT = 16_384;
const LAST_PORT = FIRST_PORT + 2 ** BITS_OF_A_STEP - 1;

/** The ports of one-time sequences. No knock port may be among them. */
export const ONE_TIME_PORTS = { protocol: 'udp', first: FIRST_PORT, last: LAST_PORT } as const;

/** A sequence that opens once. */
export interface OneTimeSequence {
  readonly steps: readonly RequestedPort[];
  /** 32 bits by which the gate's kernel remembers that the sequence was used. */
  readonly mark: number;
}

/** The time step of a moment (RFC 6238, section 4.2): whole minutes since 1970. @param wallMs unix milliseconds */
export function timeStepAt(wallMs: number): number {
  return Math.floor(wallMs / 1000 / TIME_STEP_SECONDS);
}

/**
 * The sequence of a client for a time step: HMAC-SHA256 under the key of `LABEL`, a zero byte, the client's name (ASCII), a zero
 * byte and the time step (8 bytes, big-endian). Step i goes to UDP port 16384 + (bytes 2i and 2i+1, big-endian, modulo 2^15); a
 * port that would follow itself has its lowest bit flipped. The mark is bytes 10 to 13.
 * @param key 32 bytes
 * @param client the name by which the gate knows the client
 */
export function oneTimeSequence(
  crypto: Pick<CryptoProvider, 'hmacSha256'>,
  key: Uint8Array,
  client: string,
  timeStep: number,
): OneTimeSequence {
  const label = new TextEncoder().encode(`${LABEL}\0${client}\0`);
  const message = new Uint8Array(label.length + 8);
  message.set(label);
  new DataView(message.buffer).setBigUint64(label.length, BigInt(timeStep));
  const digest = crypto.hmacSha256(key, message);
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  const steps: RequestedPort[] = [];
  for (let i = 0; i < STEPS; i++) {
    const port = FIRST_PORT + (view.getUint16(2 * i) % 2 ** BITS_OF_A_STEP);
    steps.push({ protocol: 'udp', port: port === steps.at(-1)?.port ? port ^ 1 : port });
  }
  return { steps, mark: view.getUint32(2 * STEPS) };
}
