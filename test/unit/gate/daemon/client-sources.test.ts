import { describe, expect, it } from 'vitest';
import { ClientSources } from '../../../../server-helper/daemon/client-sources.ts';
import { changeOf } from '../../../../server-helper/daemon/source-change.ts';
import { boundSources, ordinarySource, PlaceNumbers } from '../../../../server-helper/daemon/tag-sources.ts';
import { formatAddress } from '../../../../src/base/addresses.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { ALICE, address, BOB, GATE_PRIVATE, loadedFrom, SHORTEST } from '../support.ts';

const [alice = expect.fail()] = loadedFrom(SHORTEST).clients;
const [bob = expect.fail()] = loadedFrom(SHORTEST.replace(ALICE.key, BOB.key)).clients;
const HOME = address('192.0.2.1');
const AWAY = address('192.0.2.2');
const KNOWN = [HOME, AWAY];
const RULES = { most: 3, isOrdinaryAhead: false };

describe('the sources of a client', () => {
  it('are the same objects for as long as nothing changes', () => {
    const sources = new ClientSources(nodeCrypto);
    const found = sources.of(alice, KNOWN, RULES);
    expect(found.map(({ kind }) => kind)).toEqual(['bound', 'bound', 'ordinary']);
    sources.of(bob, KNOWN, RULES);
    expect(sources.of(alice, KNOWN, { ...RULES })).toBe(found);
  });

  it.each([
    ['its addresses', [HOME], {}],
    ['how many of them count', KNOWN, { most: 1 }],
    ['what the kernel opens to', KNOWN, { isOrdinaryAhead: true }],
  ])('are others when %s change', (_, known, change) => {
    const sources = new ClientSources(nodeCrypto);
    const before = sources.of(alice, KNOWN, RULES);
    const after = sources.of(alice, known, { ...RULES, ...change });
    expect(after).not.toEqual(before);
    expect(after).toEqual(new ClientSources(nodeCrypto).of(alice, known, { ...RULES, ...change }));
  });

  it('are made anew for what the client may do', () => {
    const sources = new ClientSources(nodeCrypto);
    sources.of(alice, KNOWN, RULES);
    const renamed = { ...alice, policy: { ...alice.policy, name: 'renamed' } };
    expect(sources.of(renamed, KNOWN, RULES).map(({ client }) => client)).toEqual([renamed, renamed, renamed]);
  });

  it('are for as many places as there are networks', () => {
    const sources = new ClientSources(nodeCrypto);
    const lists = [[], [HOME], [HOME, AWAY], [address('2001:db8::1'), address('2001:db8::2')]];
    expect(lists.map((list) => sources.placesOf(list))).toEqual([0, 1, 2, 1]);
  });
});

describe('what differs between two plans', () => {
  const numbers = new PlaceNumbers();
  const sourcesOf = (client = alice, ...known: Uint8Array[]) => [
    ...boundSources(nodeCrypto, numbers, client, known),
    ordinarySource(client, false),
  ];
  const addressesOf = (bound: readonly { address: Uint8Array }[]) => bound.map(({ address: at }) => formatAddress(at));

  it('is nothing where all are the same', () => {
    const same = [...sourcesOf(alice, HOME), ...sourcesOf(bob, HOME)];
    const { ids, ...rest } = changeOf(same, [...same]);
    expect([ids.size, rest]).toEqual([0, { gone: [], sources: [], newAddresses: [], goneAddresses: [] }]);
  });

  it('is what came and went, with its addresses', () => {
    const [stays, comes, goes] = [sourcesOf(alice, HOME), sourcesOf(bob, AWAY), sourcesOf(bob, HOME)];
    const change = changeOf([...stays, ...goes], [...stays, ...comes]);
    expect([change.sources, change.gone]).toEqual([comes, goes]);
    expect([...change.ids].sort()).toEqual([...new Set([...comes, ...goes].map(({ id }) => id))].sort());
    expect(addressesOf(change.newAddresses)).toEqual(['192.0.2.2']);
    expect(addressesOf(change.goneAddresses)).toEqual(['192.0.2.1']);
  });

  it('does not hold an address that another source still has: of a client under two keys of the gate', () => {
    const previous = { ...alice, previousPrivate: GATE_PRIVATE, pair: { ...alice.pair, tagKey: new Uint8Array(32) } };
    const [present, before] = [sourcesOf(alice, HOME), sourcesOf(previous, HOME)];
    const { newAddresses, goneAddresses, ids } = changeOf([...present, ...before], present);
    expect([newAddresses, goneAddresses, ids.size]).toEqual([[], [], 2]);
  });
});
