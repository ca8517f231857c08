import { describe, expect, it } from 'vitest';
import {
  boundAddresses,
  boundSources,
  ordinarySource,
  PlaceNumbers,
} from '../../../../server-helper/daemon/tag-sources.ts';
import { formatMark } from '../../../../server-helper/firewall/tag-marks.ts';
import { formatAddress } from '../../../../src/base/addresses.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { ALICE, address, BOB, loadedFrom, SHORTEST } from '../support.ts';

const clientOf = (text = SHORTEST) => loadedFrom(text).clients[0] ?? expect.fail();
const bob = clientOf(SHORTEST.replace(ALICE.key, BOB.key));
const at = (...texts: string[]) => texts.map((text) => address(text));
const marks = (sources: readonly { mark: number }[]) => sources.map(({ mark }) => formatMark(mark));

describe('ordinary tags', () => {
  it('are the daemon’s, unless the kernel may open to the first sender', () => {
    expect(marks([ordinarySource(clientOf(), false), ordinarySource(clientOf(), true)])).toEqual([
      '0x80000000',
      '0x000008ce',
    ]);
  });

  it.each(['strict = true', 'sources = ["192.0.2.0/24"]'])(
    'of a client with %s are the daemon’s in any case',
    (line) => {
      expect(marks([ordinarySource(clientOf(`${SHORTEST}${line}\n`), true)])).toEqual(['0x80000000']);
    },
  );
});

describe('bound tags', () => {
  it('have a mark for each client and place, and keep it', () => {
    const numbers = new PlaceNumbers();
    const of = (client = clientOf(), ...texts: string[]) =>
      marks(boundSources(nodeCrypto, numbers, client, at(...texts)));
    expect(of(clientOf(), '192.0.2.1', '192.0.2.2')).toEqual(['0x400008ce', '0x400018ce']);
    expect(of(bob, '192.0.2.1')).toEqual(['0x400028ce']);
    expect(of(clientOf(), '192.0.2.2')).toEqual(['0x400018ce']);
  });

  it('are the same for all addresses of one /64, each of which the kernel knows', () => {
    const known = at('2001:db8::1', '192.0.2.1', '2001:db8::2', '2001:db8:0:1::1');
    const sources = boundSources(nodeCrypto, new PlaceNumbers(), clientOf(), known);
    expect(sources.map(({ addresses }) => addresses.map(formatAddress))).toEqual([
      ['2001:db8::1', '2001:db8::2'],
      ['192.0.2.1'],
      ['2001:db8:0:1::1'],
    ]);
    expect(new Set(sources.map(({ key }) => Buffer.from(key).toString('hex'))).size).toBe(3);
    expect(boundAddresses(sources)).toHaveLength(4);
  });

  it('of a strict client are known to the daemon, and their addresses not to the kernel', () => {
    const sources = boundSources(
      nodeCrypto,
      new PlaceNumbers(),
      clientOf(`${SHORTEST}strict = true\n`),
      at('192.0.2.1'),
    );
    expect(marks(sources)).toEqual(['0xc0000000']);
    expect(boundAddresses(sources)).toEqual([]);
  });

  it('are none of a disabled client', () => {
    const disabled = clientOf(`${SHORTEST}enabled = false\n`);
    expect(boundSources(nodeCrypto, new PlaceNumbers(), disabled, at('192.0.2.1'))).toEqual([]);
  });

  it('of a client under two gate keys share mark and address', () => {
    const numbers = new PlaceNumbers();
    const before = { ...clientOf(), pair: { ...clientOf().pair, tagKey: new Uint8Array(32) } };
    const sources = [clientOf(), before].flatMap((each) => boundSources(nodeCrypto, numbers, each, at('192.0.2.1')));
    expect(marks(sources)).toEqual(['0x400008ce', '0x400008ce']);
    expect(boundAddresses(sources)).toHaveLength(1);
  });
});
