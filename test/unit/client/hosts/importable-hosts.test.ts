import { describe, expect, it } from 'vitest';
import { importableHosts, type PresentHosts } from '../../../../src/client/hosts/importable-hosts.ts';
import type { ExportedHost } from '../../../../src/client/keys/exported-key.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { problemOf } from '../support.ts';

const hostOf = (seed: number, address = '192.0.2.1'): ExportedHost => ({
  gate: {
    key: nodeCrypto.publicKey(new Uint8Array(32).fill(seed)),
    slots: 32,
    addresses: [address],
    knockPorts: [443],
    name: 'g',
  },
  login: `ssh://dev@${address}:22`,
});
const NOTHING: PresentHosts = { names: [], gates: [] };
const LOW_ORDER = [new Uint8Array(32), new Uint8Array(32).fill(1, 0, 1)];

const namesOf = (hosts: Record<string, ExportedHost>, present = NOTHING) =>
  importableHosts(new Map(Object.entries(hosts)), present, nodeCrypto).map(([name]) => name);

describe('the hosts of an exported key', () => {
  it('are all new to somebody who has none', () => {
    expect(namesOf({ a: hostOf(1), b: hostOf(2, '192.0.2.2') })).toEqual(['a', 'b']);
  });

  it('are not new under a name that is there, whatever its capitals', () => {
    expect(namesOf({ Prod: hostOf(1), b: hostOf(2) }, { names: ['pROD'], gates: [] })).toEqual(['b']);
  });

  it.each(LOW_ORDER)('are refused together when anybody could use the key of any one of them', async (key) => {
    const weak = { ...hostOf(3), gate: { ...hostOf(3).gate, key } };
    expect(await problemOf(() => namesOf({ a: hostOf(1), b: weak }))).toMatchObject({ code: 'gate-key-unusable' });
    // One that is not taken over needs no check.
    expect(namesOf({ a: hostOf(1), b: weak }, { names: ['b'], gates: [] })).toEqual(['a']);
  });

  it('are refused together when the key of one is known under another address', async () => {
    const gates = [{ name: 'known', address: undefined, gate: hostOf(1, '192.0.2.9').gate }];
    expect(await problemOf(() => namesOf({ a: hostOf(1), b: hostOf(2) }, { names: ['known'], gates }))).toMatchObject({
      code: 'gate-key-known',
    });
  });
});
