import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
} from 'node:crypto';

/**
 * A second reader of the datagram, written from the protocol's text alone, in a straight line and with other means
 * than src/spa, from which it imports nothing: a misreading would have to happen twice to go unseen.
 */

export interface Keys {
  /** 43 characters of base64url each. */
  readonly clientPublic: string;
  readonly gatePublic: string;
  readonly gatePrivate: string;
  readonly psk: string;
}

export interface Read {
  readonly unixMs: bigint;
  /** 32 hex digits, or null. */
  readonly source: string | null;
  readonly duration: number;
  readonly ports: string[];
  readonly action: string;
  /** Values on the way, in hex, as docs/protocol.md shows them. */
  readonly steps: Readonly<Record<string, string>>;
}

export function readDatagram(keys: Keys, epoch: number, slot: number, datagram: Buffer): Read {
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
  const outerInfo = Buffer.concat([Buffer.from('knockgate/1 outer', 'ascii'), clientPublic, gatePublic]);
  const outer = Buffer.from(hkdfSync('sha256', ss, psk, outerInfo, 64));
  const place = Buffer.alloc(9);
  place.writeBigUInt64BE(BigInt(epoch));
  place.writeUInt8(slot, 8);
  const tag = createHmac('sha256', outer.subarray(0, 32)).update(place).digest().subarray(0, 8);
  if (!tag.equals(datagram.subarray(0, 8))) throw new Error('tag of another place or pair');
  const sample = datagram.subarray(datagram.length - 16);
  const mask = createHmac('sha256', outer.subarray(32)).update(sample).digest();
  const e = Buffer.alloc(32);
  for (let i = 0; i < 32; i++) e[i] = datagram.readUInt8(8 + i) ^ mask.readUInt8(i);

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
  const prologue = Buffer.concat([Buffer.from('knockgate/1', 'ascii'), tag]);
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
  const payload = Buffer.concat([decipher.update(datagram.subarray(40, datagram.length - 16)), decipher.final()]);

  // Payload.
  if (payload.readUInt8(0) !== 1) throw new Error('version');
  const flags = payload.readUInt8(1);
  if (flags > 1) throw new Error('flags');
  const source = payload.toString('hex', 10, 26);
  if (flags === 0 && source !== '0'.repeat(32)) throw new Error('source that is not claimed');
  const ports: string[] = [];
  const actionAt = 29 + 3 * payload.readUInt8(28);
  for (let at = 29; at < actionAt; at += 3) {
    const protocol = payload.readUInt8(at);
    if (protocol !== 6 && protocol !== 17) throw new Error('protocol');
    ports.push(`${protocol === 6 ? 'tcp' : 'udp'}/${payload.readUInt16BE(at + 1)}`);
  }
  const paddingAt = actionAt + 1 + payload.readUInt8(actionAt);
  if (/[^0]/.test(payload.toString('hex', paddingAt))) throw new Error('padding');
  return {
    unixMs: payload.readBigUInt64BE(2),
    source: flags === 1 ? source : null,
    duration: payload.readUInt16BE(26),
    ports,
    action: payload.toString('utf8', actionAt + 1, paddingAt),
    steps: {
      place: place.toString('hex'),
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

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** HKDF of the Noise specification: RFC 5869 with empty info; `count` outputs of 32 bytes. */
function noiseHkdf(chainingKey: Buffer, input: Buffer, count: number): Buffer {
  return Buffer.from(hkdfSync('sha256', input, chainingKey, Buffer.alloc(0), 32 * count));
}
