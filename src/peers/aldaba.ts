import { type Address, isIPv4 } from '../base/addresses.ts';
import { concat, utf8 } from '../base/bytes.ts';
import type { Protocol } from '../base/ports.ts';
import { encryptBlocks } from '../fwknop/modes.ts';
import type { CryptoProvider } from '../spa/crypto.ts';

/*
 * The SPA datagram of Aldaba 0.2: 160 bytes, an HMAC-SHA256 inside AES-256. Both keys, and the port that it goes to, are made of the
 * passphrase with salts that every server shares.
 */

/** Modes of AES that Aldaba has. Its other ciphers are Blowfish, Twofish and Serpent. */
export const ALDABA_MODES = ['cbc', 'ecb', 'cfb', 'ofb'] as const;
export type AldabaMode = (typeof ALDABA_MODES)[number];

type Crypto = Pick<CryptoProvider, 'hmacSha256' | 'sha256' | 'aesBlocks'>;

/** Keys of a passphrase. */
export interface AldabaKeys {
  /** 32 bytes: for AES, and for the HMAC of the SPA datagram. */
  readonly cipherKey: Uint8Array;
  /** UDP port for the SPA datagram, unless both sides name another. */
  readonly port: number;
}

/** A port to open, of one protocol. */
export interface AldabaPort {
  readonly protocol: Protocol;
  readonly port: number;
}

const ROUNDS = 1024;
const CIPHER_SALT = 'a1d4ba1337deadbeefcafe1973447677';
const PORT_SALT = 'f32b207dec9e08b90b8f68af61c5aa4c';
const LIST_SALT = '851bf8313f9d8f07594cbdc16c093a51';
const PASSPHRASE = { least: 8, most: 256 } as const;
const VERSION = 1;
const MAGIC = 0xa1daba77;
const OPEN = 1;
const PROTOCOLS: Readonly<Record<Protocol, number>> = { tcp: 1, udp: 2 };
/** Bytes before the HMAC. */
const HEAD = 128;
const IV = 16;
/** Most ports of one datagram. */
const PORTS = 2;

/**
 * Bytes of a passphrase, as Aldaba takes them: those behind the 256th do not count.
 * @returns undefined for one of fewer than 8 bytes
 */
export function aldabaPassphrase(text: string): Uint8Array | undefined {
  const bytes = utf8(text);
  return bytes.length < PASSPHRASE.least ? undefined : bytes.subarray(0, PASSPHRASE.most);
}

/** Makes the keys of a passphrase. It takes 2,048 HMACs. */
export function aldabaKeys(crypto: Crypto, passphrase: Uint8Array): AldabaKeys {
  const portKey = derive(crypto, passphrase, unhex(PORT_SALT));
  const digest = crypto.sha256(concat(new Uint8Array(32), portKey, unhex(LIST_SALT), new Uint8Array(4)));
  return {
    cipherKey: derive(crypto, passphrase, unhex(CIPHER_SALT)),
    port: new DataView(digest.buffer, digest.byteOffset).getUint16(0, true),
  };
}

/** PBKDF2 (RFC 8018, section 5.2) with HMAC-SHA256, one block of 32 bytes. */
function derive(crypto: Crypto, passphrase: Uint8Array, salt: Uint8Array): Uint8Array {
  let last = crypto.hmacSha256(passphrase, concat(salt, Uint8Array.of(0, 0, 0, 1)));
  const key = Uint8Array.from(last);
  for (let round = 1; round < ROUNDS; round++) {
    last = crypto.hmacSha256(passphrase, last);
    for (const [i, byte] of last.entries()) key[i] = (key[i] ?? 0) ^ byte;
  }
  return key;
}

/** Splits ports into datagrams: each opens one or two. */
export function inPairs(ports: readonly AldabaPort[]): AldabaPort[][] {
  return Array.from({ length: Math.ceil(ports.length / PORTS) }, (_, i) => ports.slice(PORTS * i, PORTS * (i + 1)));
}

/** Request of a datagram. */
export interface AldabaAsk {
  /** Address to let in. */
  readonly source: Address;
  /** One or two. */
  readonly ports: readonly AldabaPort[];
  /** Whole seconds of unix time. */
  readonly seconds: number;
}

/**
 * Makes the SPA datagram that opens ports for an address.
 * @param random 32 bytes, never used before: the IV and the nonce
 */
export function sealAldaba(
  crypto: Crypto,
  { cipherKey }: Pick<AldabaKeys, 'cipherKey'>,
  mode: AldabaMode,
  { source, ports, seconds }: AldabaAsk,
  random: Uint8Array,
): Uint8Array {
  const iv = random.subarray(0, IV);
  const head = new Uint8Array(HEAD);
  const view = new DataView(head.buffer);
  head.set(iv);
  head.set([VERSION, isIPv4(source) ? 4 : 6], IV);
  for (const [i, { protocol, port }] of ports.entries()) {
    head[18 + i] = (PROTOCOLS[protocol] << 4) | OPEN;
    view.setUint16(20 + 2 * i, port);
  }
  view.setUint32(24, MAGIC);
  head.set(isIPv4(source) ? source.subarray(12) : source, 32);
  view.setUint32(64, seconds);
  head.set(random.subarray(IV, 2 * IV), 68);
  const message = concat(head, crypto.hmacSha256(cipherKey, head));
  const aes = { encrypt: (block: Uint8Array) => crypto.aesBlocks(cipherKey, block) };
  return concat(iv, encryptBlocks(aes, mode, iv, message.subarray(IV)));
}

function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
