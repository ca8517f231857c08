import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../../../src/base/addresses.ts';
import { toBase64Url } from '../../../../src/base/bytes.ts';
import { knockAndWait } from '../../../../src/client/gate/knock-and-wait.ts';
import type { Target } from '../../../../src/client/gate/target.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { BOUND_SLOTS, epochAt, placeKeyOf, TAG_LENGTH, tagsOf } from '../../../../src/spa/tags.ts';
import { FakeNetwork, pair, problemOf, requestOf, TARGET, temporaryFolder, WALL_MS } from '../support.ts';

function network(): FakeNetwork {
  return new FakeNetwork(join(temporaryFolder(), 'ledger'));
}

function knock(net: FakeNetwork, target: Target, onBoundSent?: () => void) {
  const options = { force: false, timeoutMs: 8000, onBoundSent };
  return net.clock.run(knockAndWait(target, pair, options, net.io, new AbortController().signal));
}

describe('from an address that the gate knows', () => {
  const OWN = '198.51.100.7';
  const ONE: Target = { ...TARGET, addresses: ['192.0.2.2'] };
  const LONG_MS = 3600_000;

  /** The tags that are bound to our address, of all epochs near. */
  const boundTags = new Set(
    Array.from({ length: 600 }, (_, i) => epochAt(WALL_MS) + i - 10).flatMap((epoch) => {
      const key = placeKeyOf(nodeCrypto, pair.tagKey, parseAddress(OWN) ?? new Uint8Array(16));
      return tagsOf(nodeCrypto, key, 'bound', epoch, BOUND_SLOTS).map(toBase64Url);
    }),
  );
  const tagOf = (datagram: Uint8Array) => toBase64Url(datagram.subarray(0, TAG_LENGTH));
  const isBound = (datagram: Uint8Array) => boundTags.has(tagOf(datagram));
  /** `250 ordinary`: when each knock went out, counted from the first, with the kind of its tag. */
  const kinds = (net: FakeNetwork) =>
    net.sent.map(
      ({ atMs, datagram }) => `${atMs - (net.sent[0]?.atMs ?? 0)} ${isBound(datagram) ? 'bound' : 'ordinary'}`,
    );

  /** After a first knock from there, which is some time ago. */
  async function knownFrom(own: string, target = ONE): Promise<FakeNetwork> {
    const net = network();
    net.routes.set('192.0.2.2', own);
    net.portState = () => 'open';
    await knock(net, target);
    return later(net);
  }

  async function later(net: FakeNetwork): Promise<FakeNetwork> {
    await net.clock.run(net.clock.sleep(LONG_MS));
    net.sent.length = 0;
    return net;
  }

  /** A gate that opens to one kind of tag only. */
  const opensTo = (net: FakeNetwork, wanted: (datagram: Uint8Array) => boolean) => () =>
    net.sent.some(({ datagram }) => wanted(datagram)) ? 'open' : 'silent';

  it('sends a bound tag alone, with its claim', async () => {
    const net = await knownFrom(OWN);
    net.portState = opensTo(net, isBound);
    expect(await knock(net, ONE)).toMatchObject({ kind: 'open', knocks: 1, afterMs: 1, sourceClaimed: true });
    expect(kinds(net)).toEqual(['0 bound']);
    const { source } = requestOf(net.sent[0]?.datagram ?? new Uint8Array());
    expect(source && formatAddress(source)).toBe(OWN);
  });

  it('sends ordinary ones in the waves after it, which name what was sent before; in the third both', async () => {
    const net = await knownFrom(OWN);
    net.portState = () => 'silent';
    await problemOf(() => knock(net, ONE));
    expect(kinds(net)).toEqual(['0 bound', '250 ordinary', '750 ordinary', '750 bound', '1750 ordinary']);
    const tags = net.sent.map(({ datagram }) => tagOf(datagram));
    const earlier = net.sent.map(({ datagram }) => requestOf(datagram).earlier.map(toBase64Url));
    const [a, b, c, d] = tags;
    expect(earlier).toEqual([[], [a], [b, a], [b, a], [c, d, b, a]]);
  });

  it('sends both at once after a bound tag opened nothing: that costs a wave only the first time', async () => {
    const net = await knownFrom(OWN);
    const onlyOrdinary = opensTo(net, (datagram) => !isBound(datagram));
    net.portState = onlyOrdinary;
    expect(await knock(net, ONE)).toMatchObject({ kind: 'open', afterMs: 251 });
    await later(net);
    expect(await knock(net, ONE)).toMatchObject({ kind: 'open', afterMs: 1, knocks: 2 });
    expect(kinds(net)).toEqual(['0 ordinary', '0 bound']);
  });

  it('takes ordinary tags when the bound ones of the epoch are used up', async () => {
    const net = await knownFrom(OWN);
    await net.io.ledger.takeSlots(
      pair,
      32,
      Array.from({ length: BOUND_SLOTS }, () => ({ boundTo: OWN })),
      0,
    );
    net.portState = () => (net.sent.length > 0 ? 'open' : 'silent');
    await knock(net, ONE);
    expect(kinds(net)).toEqual(['0 ordinary']);
  });

  it.each<[string, string, Partial<Target>]>([
    ['behind NAT', '10.0.0.9', {}],
    ['where a person has turned claims off', OWN, { claimSource: false }],
  ])('sends none %s', async (_, own, change) => {
    const target = { ...ONE, ...change };
    const net = await knownFrom(own, target);
    net.portState = () => (net.sent.length > 0 ? 'open' : 'silent');
    await knock(net, target);
    expect(kinds(net)).toEqual(['0 ordinary']);
  });

  it('says when bound tags alone are out, before the port opens', async () => {
    const net = await knownFrom(OWN);
    net.portState = opensTo(net, isBound);
    const said: string[] = [];
    await knock(net, ONE, () => said.push(kinds(net).join()));
    expect([said, net.probes.length]).toEqual([['0 bound'], 2]);
    net.routes.set('192.0.2.2', '203.0.113.9');
    await later(net);
    await problemOf(() => knock(net, ONE, () => said.push('again')));
    expect(said).toHaveLength(1);
  });

  it('sends none from another address', async () => {
    const net = await knownFrom(OWN);
    net.routes.set('192.0.2.2', '203.0.113.9');
    net.portState = () => (net.sent.length > 0 ? 'open' : 'silent');
    await knock(net, ONE);
    expect(kinds(net)).toEqual(['0 ordinary']);
  });
});

describe('behind a NAT whose address a server told us', () => {
  const TOLD = '198.51.100.7';
  const ONE: Target = { ...TARGET, addresses: ['192.0.2.2'] };
  const claims = (net: FakeNetwork) =>
    net.sent.map(({ atMs, datagram }) => {
      const { source } = requestOf(datagram);
      return `${atMs} ${source === undefined ? 'nothing' : formatAddress(source)}`;
    });

  async function told(): Promise<FakeNetwork> {
    const net = network();
    await net.io.ledger.tell(pair, { local: '10.0.0.9', address: TOLD });
    return net;
  }

  it('claims that address first, and is known there once it got in', async () => {
    const net = await told();
    net.portState = () => (net.sent.length > 0 ? 'open' : 'silent');
    expect(await knock(net, ONE)).toMatchObject({ kind: 'open', sourceClaimed: true });
    expect(claims(net)).toEqual([`0 ${TOLD}`]);
    expect(net.io.ledger.knowledgeOf(pair, TOLD)).toBe('known');
  });

  it('claims nothing in later waves, and forgets it when one of those got in', async () => {
    const net = await told();
    net.portState = (_, atMs) => (atMs >= 250 ? 'open' : 'silent');
    await knock(net, ONE);
    expect(claims(net)).toEqual([`0 ${TOLD}`, '250 nothing']);
    expect(net.io.ledger.toldAddress(pair, '10.0.0.9')).toBeUndefined();
    expect(net.io.ledger.knowledgeOf(pair, TOLD)).toBe('unknown');
  });

  it.each<[string, string, Partial<Target>]>([
    ['in another network', '10.1.0.9', {}],
    ['where a person has turned claims off', '10.0.0.9', { claimSource: false }],
  ])('claims nothing %s', async (_, own, change) => {
    const net = await told();
    net.routes.set('192.0.2.2', own);
    net.portState = () => 'open';
    await knock(net, { ...ONE, ...change });
    expect(claims(net)).toEqual(['0 nothing']);
  });

  it('is not taken for sure: the hook waits for the port', async () => {
    const net = await told();
    net.portState = () => (net.sent.length > 0 ? 'open' : 'silent');
    await knock(net, ONE);
    await net.clock.run(net.clock.sleep(3600_000));
    let isSure = false;
    await knock(net, ONE, () => {
      isSure = true;
    });
    expect(isSure).toBe(false);
  });
});
