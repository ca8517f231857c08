import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/base/addresses.ts';
import { pyknockKey, sealPyknock } from '../../../src/peers/pyknock.ts';
import { nobleCrypto } from '../../../src/spa/crypto-noble.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import vectors from '../../vectors/pyknock.json' with { type: 'json' };
import { readPyknock } from './read-pyknock.ts';

const PROVIDERS = [
  { name: 'node', crypto: nodeCrypto },
  { name: 'noble', crypto: nobleCrypto(nodeCrypto.randomBytes) },
];
const PSK = vectors.psk_text;
const NOW = vectors.server_time;
const seal = (crypto: typeof nodeCrypto, psk: string, address: string) =>
  Buffer.from(
    sealPyknock(crypto, pyknockKey(psk) ?? new Uint8Array(0), NOW, parseAddress(address) ?? new Uint8Array(16)),
  );
const bytesOf = (hex: string) => {
  const [first = '', repeated] = hex.split(' ');
  return Buffer.from(first.repeat(repeated === undefined ? 1 : 104), 'hex').subarray(0, 5049);
};

describe.each(PROVIDERS)('a datagram for pyknock, $name', ({ crypto }) => {
  it.each([
    ['open v4', '203.0.113.7'],
    ['open v6 (af 10)', '2001:db8::7'],
    ['latin-1 psk', '203.0.113.7'],
  ])('is the vector %s', (wanted, address) => {
    const vector = vectors.vectors.find(({ name }) => name === wanted);
    expect(seal(crypto, vector?.psk ?? '', address).toString('hex')).toBe(vector?.hex);
  });

  it.each(vectors.real_client.filter(({ read }) => read.op === 1))(
    'has the bytes of the real client: $name',
    ({ hex, read }) => {
      expect(seal(crypto, PSK, read.addr).toString('hex')).toBe(hex);
    },
  );
});

describe('the reader of these tests', () => {
  it.each(vectors.vectors)('judges $name as the real server does', ({ psk, hex, accepted }) => {
    const read = readPyknock(psk, NOW, bytesOf(hex));
    expect(typeof read === 'object').toBe(accepted);
  });

  it('reads what we seal, and not with another key or a changed bit', () => {
    const datagram = seal(nodeCrypto, PSK, '203.0.113.7');
    expect(readPyknock(PSK, NOW, datagram)).toEqual({ does: 'open', address: '203.0.113.7' });
    expect(readPyknock('another', NOW, datagram)).toBe('tag');
    for (let at = 41; at < datagram.length; at++) {
      const changed = Buffer.from(datagram);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(readPyknock(PSK, NOW, changed)).toBe('tag');
    }
  });

  it('obeys a replay within a minute: there is no record', () => {
    const datagram = seal(nodeCrypto, PSK, '203.0.113.7');
    expect(readPyknock(PSK, NOW + 60, datagram)).toEqual(readPyknock(PSK, NOW, datagram));
    expect(readPyknock(PSK, NOW + 61, datagram)).toBe('time');
  });
});

describe('a key of pyknock', () => {
  it('is Latin-1, and never empty', () => {
    expect(pyknockKey('pä')).toEqual(Uint8Array.of(0x70, 0xe4));
    for (const text of ['', '€', '😀']) expect(pyknockKey(text)).toBeUndefined();
  });
});
