import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
} from 'node:crypto';

/**
 * A second reader of the datagram, written from the protocol's text alone. It runs in a straight line, and shares no code
 * with src/spa: the same misreading would have to happen twice to stay unseen.
 */

export interface Keys {
  /** 43 characters of base64url each. */
  readonly clientPublic: string;
  readonly gatePublic: string;
  readonly gatePrivate: string;
  readonly psk: string;
}

/** Names the tag of a datagram. */
export interface Place {
  readonly kind: string;
  readonly epoch: number;
  readonly slot: number;
  /** Where the packet came from, as 32 hex digits: needed for a tag that is bound to it. */
  readonly address: string | null;
}

export interface Read {
  readonly unixMs: bigint;
  /** 32 hex digits, or null. */
  readonly source: string | null;
  /** 32 hex digits. */
  readonly destination: string;
  readonly duration: number;
  readonly ports: string[];
  readonly action: string;
  /** 32 hex digits each. */
  readonly earlier: string[];
  /** Values on the way, in hex, as docs/protocol.md shows them. */
  readonly steps: Readonly<Record<string, string>>;
}

/** The ephemeral private key that the sender had to use; everything in hex. */
export function ephemeralPrivateOf(hedgeKey: string, random: string, tag: string, payload: string): string {
  const input = Buffer.from(random + tag + payload, 'hex');
  return createHmac('sha256', Buffer.from(hedgeKey, 'hex')).update(input).digest('hex');
}

export function readDatagram(keys: Keys, place: Place, datagram: Buffer): Read {
  const gate = createPrivateKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'X25519', x: keys.gatePublic, d: keys.gatePrivate },
  });
  const clientPublic = Buffer.from(keys.clientPublic, 'base64url');
  const gatePublic = Buffer.from(keys.gatePublic, 'base64url');
  const psk = Buffer.from(keys.psk, 'base64url');

  // docs/protocol.md, "Tag" and "Masked e".
  const ss = diffieHellman({
    privateKey: gate,
    publicKey: createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: keys.clientPublic } }),
  });
  const outerInfo = Buffer.concat([Buffer.from('knockgate/2 outer', 'ascii'), clientPublic, gatePublic]);
  const outer = Buffer.from(hkdfSync('sha256', ss, psk, outerInfo, 96));
  const block = Buffer.alloc(16);
  block.writeBigUInt64BE(BigInt(place.epoch));
  block.writeBigUInt64BE(BigInt((place.kind === 'bound' ? 256 : 0) + place.slot), 8);
  const aes = createCipheriv('aes-256-ecb', tagKeyAt(outer.subarray(0, 32), place), null);
  const tag = aes.update(block);
  if (!tag.equals(datagram.subarray(0, 16))) throw new Error('tag of another place or pair');
  const sample = datagram.subarray(datagram.length - 16);
  const mask = createHmac('sha256', outer.subarray(32, 64)).update(sample).digest();
  const e = Buffer.alloc(32);
  for (let i = 0; i < 32; i++) e[i] = datagram.readUInt8(16 + i) ^ mask.readUInt8(i);

  // Noise_Kpsk0_25519_AESGCM_SHA256: pre-messages s and s, then psk, e, es, ss.
  const es = diffieHellman({
    privateKey: gate,
    publicKey: createPublicKey({
      format: 'jwk',
      key: { kty: 'OKP', crv: 'X25519', x: e.toString('base64url') },
    }),
  });
  const protocolName = Buffer.alloc(32);
  protocolName.write('Noise_Kpsk0_25519_AESGCM_SHA256', 'ascii');
  const prologue = Buffer.concat([Buffer.from('knockgate/2', 'ascii'), tag]);
  const h1 = sha256(protocolName, prologue);
  const h2 = sha256(h1, clientPublic);
  const h3 = sha256(h2, gatePublic);
  const afterPsk = noiseHkdf(protocolName, psk, 3);
  const h4 = sha256(h3, afterPsk.subarray(32, 64));
  const h5 = sha256(h4, e);
  const afterE = noiseHkdf(afterPsk.subarray(0, 32), e, 2);
  const afterEs = noiseHkdf(afterE.subarray(0, 32), es, 2);
  const afterSs = noiseHkdf(afterEs.subarray(0, 32), ss, 2);
  const decipher = createDecipheriv('aes-256-gcm', afterSs.subarray(32), Buffer.alloc(12));
  decipher.setAAD(h5);
  decipher.setAuthTag(sample);
  const payload = Buffer.concat([decipher.update(datagram.subarray(48, datagram.length - 16)), decipher.final()]);

  // Payload.
  if (payload.readUInt8(0) !== 2) throw new Error('version');
  const flags = payload.readUInt8(1);
  if (flags > 1) throw new Error('flags');
  const source = payload.toString('hex', 10, 26);
  if (flags === 0 && source !== '0'.repeat(32)) throw new Error('source that is not claimed');
  if (place.kind === 'bound' && (flags === 0 || cut(source) !== cut(place.address ?? '')))
    throw new Error('bound to another address than is claimed');
  const ports: string[] = [];
  const actionAt = 45 + 3 * payload.readUInt8(44);
  for (let at = 45; at < actionAt; at += 3) {
    const protocol = payload.readUInt8(at);
    if (protocol !== 6 && protocol !== 17) throw new Error('protocol');
    ports.push(`${protocol === 6 ? 'tcp' : 'udp'}/${payload.readUInt16BE(at + 1)}`);
  }
  const earlierAt = actionAt + 1 + payload.readUInt8(actionAt);
  const paddingAt = earlierAt + 1 + 16 * payload.readUInt8(earlierAt);
  const earlier: string[] = [];
  for (let at = earlierAt + 1; at < paddingAt; at += 16) earlier.push(payload.toString('hex', at, at + 16));
  if (earlier.length > 32 || new Set(earlier).size < earlier.length) throw new Error('earlier tags');
  if (paddingAt > payload.length || /[^0]/.test(payload.toString('hex', paddingAt))) throw new Error('padding');
  return {
    unixMs: payload.readBigUInt64BE(2),
    source: flags === 1 ? source : null,
    destination: payload.toString('hex', 26, 42),
    duration: payload.readUInt16BE(42),
    ports,
    action: payload.toString('utf8', actionAt + 1, earlierAt),
    earlier,
    steps: {
      block: block.toString('hex'),
      hedgeKey: outer.toString('hex', 64),
      mask: mask.toString('hex'),
      afterPrologue: h1.toString('hex'),
      afterStatics: h3.toString('hex'),
      afterPsk: h4.toString('hex'),
      afterE: h5.toString('hex'),
      es: es.toString('hex'),
      k: afterSs.toString('hex', 32),
    },
  };
}

/** The key of a tag: that of the pair, or that of an address. */
function tagKeyAt(tagKey: Buffer, { kind, address }: Place): Buffer {
  if (kind !== 'bound') return tagKey;
  if (address === null) throw new Error('bound to no address');
  return createHmac('sha256', tagKey)
    .update(Buffer.from(cut(address), 'hex'))
    .digest();
}

/** The address that a bound tag is made for: all of IPv4, the first half of IPv6. */
function cut(address: string): string {
  return address.startsWith('00000000000000000000ffff') ? address : address.slice(0, 16).padEnd(32, '0');
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** HKDF of the Noise specification: RFC 5869 with empty info; `count` outputs of 32 bytes. */
function noiseHkdf(chainingKey: Buffer, input: Buffer, count: number): Buffer {
  return Buffer.from(hkdfSync('sha256', input, chainingKey, Buffer.alloc(0), 32 * count));
}
