import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/base/addresses.ts';
import {
  ALDABA_MODES,
  type AldabaMode,
  aldabaKeys,
  aldabaPassphrase,
  inPairs,
  sealAldaba,
} from '../../../src/peers/aldaba.ts';
import { nobleCrypto } from '../../../src/spa/crypto-noble.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import vectors from '../../vectors/aldaba.json' with { type: 'json' };
import { AldabaReader, derived } from './read-aldaba.ts';

const PROVIDERS = [
  { name: 'node', crypto: nodeCrypto },
  { name: 'noble', crypto: nobleCrypto(nodeCrypto.randomBytes) },
];
const NOW = vectors.server_time;
const PASSPHRASE = aldabaPassphrase(vectors.passphrase) ?? new Uint8Array(0);
const SSH = [{ protocol: 'tcp', port: 22 }] as const;
const ofAes = vectors.spa_ciphers.filter(({ cipher }) => cipher.startsWith('AES'));
const modeOf = (cipher: string) => (cipher.split('-')[1] ?? 'cbc') as AldabaMode;

function seal(
  crypto: typeof nodeCrypto,
  mode: AldabaMode,
  ports: Parameters<typeof inPairs>[0],
  random: Uint8Array,
  source = '203.0.113.7',
) {
  const ask = { source: parseAddress(source) ?? new Uint8Array(16), ports, seconds: NOW };
  return Buffer.from(sealAldaba(crypto, aldabaKeys(crypto, PASSPHRASE), mode, ask, random));
}

describe.each(PROVIDERS)('a datagram for Aldaba, $name', ({ crypto }) => {
  it('has the keys and the port of the vectors', () => {
    const { cipherKey, port } = aldabaKeys(crypto, PASSPHRASE);
    expect([Buffer.from(cipherKey).toString('hex'), port]).toEqual([
      vectors.derived.cipher_key,
      vectors.derived.spa_port,
    ]);
    expect(aldabaKeys(crypto, new Uint8Array(0)).port).toBe(vectors.derived.spa_port_empty_passphrase);
  });

  it.each(ofAes)('has the bytes of the real client: $cipher', ({ cipher, hex, read }) => {
    const random = Buffer.concat([Buffer.from(hex, 'hex').subarray(0, 16), Buffer.from(read.nonce, 'hex')]);
    expect(seal(crypto, modeOf(cipher), SSH, random).toString('hex')).toBe(hex);
  });

  it.each(ALDABA_MODES)('is read by the other reader, in the mode %s', (mode) => {
    const ports = [{ protocol: 'udp', port: 53 }, ...SSH] as const;
    const datagram = seal(crypto, mode, ports, crypto.randomBytes(32), '2001:db8::7');
    const address = '20010db8000000000000000000000007';
    expect(new AldabaReader(vectors.passphrase, mode).read(NOW, datagram)).toEqual([
      `open 53 udp ${address}`,
      `open 22 tcp ${address}`,
    ]);
    expect(new AldabaReader('another passphrase', mode).read(NOW, datagram)).toBe('magic');
  });
});

describe('the reader of these tests', () => {
  /** Vectors about the port that a packet goes to, a server that was started anew, and one that reads a wrong family as IPv6. */
  const BEYOND = ['other udp port', 'replay after a server restart, same clock'];

  it('judges the vectors as the real server does, in their order', () => {
    const reader = new AldabaReader(vectors.passphrase);
    const judged = vectors.spa.filter(({ name }) => !BEYOND.includes(name));
    for (const { name, hex, accepted, action } of judged) {
      const read = reader.read(NOW, Buffer.from(hex, 'hex'));
      const does = Array.isArray(read) ? read.map((line) => line.split(' ').slice(0, 3).join(' ')) : [];
      expect([name, does]).toEqual([name, action.map((line) => line.split(' ').slice(0, 3).join(' '))]);
      expect([name, does.length > 0]).toEqual([name, accepted]);
    }
    expect(new AldabaReader(vectors.passphrase).read(NOW, Buffer.from(vectors.spa[0]?.hex ?? '', 'hex'))).toHaveLength(
      1,
    );
  });

  it.each(ofAes)('reads the real client: $cipher', ({ cipher, hex }) => {
    const read = new AldabaReader(vectors.passphrase, modeOf(cipher)).read(NOW, Buffer.from(hex, 'hex'));
    expect(read).toEqual(['open 22 tcp 203.0.113.7']);
  });

  it('derives the port list of the vectors', () => {
    const { key, ports } = derived(vectors.passphrase, 12);
    expect([key.toString('hex'), ports]).toEqual([vectors.derived.cipher_key, vectors.derived.pk_ports_12]);
  });

  it('refuses a replay, and takes no changed bit', () => {
    const reader = new AldabaReader(vectors.passphrase);
    const datagram = seal(nodeCrypto, 'cbc', SSH, nodeCrypto.randomBytes(32));
    for (const at of [0, 16, 100, 159]) {
      const changed = Buffer.from(datagram);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(reader.read(NOW, changed)).toMatch(/tag|magic|version/);
    }
    expect(reader.read(NOW, datagram)).toHaveLength(1);
    expect(reader.read(NOW, datagram)).toBe('replay');
  });
});

describe('a knock at Aldaba', () => {
  it('asks for two ports at a time', () => {
    const ports = [1, 2, 3].map((port) => ({ protocol: 'tcp', port }) as const);
    expect(inPairs(ports).map((pair) => pair.map(({ port }) => port))).toEqual([[1, 2], [3]]);
  });

  it('has a passphrase of 8 bytes, of which 256 count', () => {
    expect(aldabaPassphrase('1234567')).toBeUndefined();
    expect(aldabaPassphrase('x'.repeat(300))).toHaveLength(256);
  });
});
