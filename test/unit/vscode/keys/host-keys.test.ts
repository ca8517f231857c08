import { describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { openMessage } from '../../../../src/spa/message.ts';
import { type PairKeys, pairKeys } from '../../../../src/spa/outer.ts';
import { hostKeysFinder, provenAt, unprovenHosts } from '../../../../src/vscode/keys/host-keys.ts';
import { Keyring, USUAL_IDENTITY } from '../../../../src/vscode/keys/keyring.ts';
import { problemOf } from '../../client/support.ts';
import { DOOR, FakeComputer, FakeLog, FakeMemento, FOREVER, HOST, onlyClientKeys } from '../support.ts';

/** Of the gate that `pair` of the tests knows. */
const GATE_PRIVATE = new Uint8Array(32).fill(2);
const COMMAND = { reason: 'command', force: true, trustMs: 0 };
const OTHER = { ...HOST, name: 'other', gate: { ...HOST.gate, key: nodeCrypto.publicKey(new Uint8Array(32).fill(9)) } };

async function device() {
  const values = new Map<string, string>();
  const secrets = {
    get: async (key: string) => values.get(key),
    store: async (key: string, value: string) => {
      values.set(key, value);
    },
    delete: async (key: string) => {
      values.delete(key);
    },
  };
  const keyring = new Keyring(secrets, new FakeMemento(), nodeCrypto);
  await keyring.publicKey();
  const hosts = new Map([HOST, OTHER].map((host) => [host.name, host]));
  const book = () => ({ hosts, broken: new Map() });
  const log = new FakeLog();
  const find = hostKeysFinder(keyring, book, log);
  const publicKeys = async (host = HOST) =>
    (await find(host)).map(({ privateKey }) => formatKey(nodeCrypto.publicKey(privateKey)));
  return { keyring, book, hosts, log, find, publicKeys, values };
}

describe('the keys of a host', () => {
  it('are the old one, then the new one, until the gate has opened to that; then every gate', async () => {
    const { keyring, publicKeys, book, log, values } = await device();
    const old = formatKey(await keyring.publicKey());
    expect(await publicKeys()).toEqual([old]);
    const fresh = formatKey(await keyring.makeNext(USUAL_IDENTITY));
    expect(await publicKeys()).toEqual([old, fresh]);
    await provenAt(HOST, keyring, book, log);
    expect(await publicKeys()).toEqual([fresh]);
    expect(await publicKeys(OTHER)).toEqual([old, fresh]);
    expect(unprovenHosts(USUAL_IDENTITY, keyring, book())).toEqual([OTHER]);
    await provenAt(OTHER, keyring, book, log);
    expect(await publicKeys(OTHER)).toEqual([fresh]);
    expect([...values.keys()]).toEqual(['knockgate.clientKey']);
  });

  it('are still the old one when the editor has lost the new one', async () => {
    const { keyring, publicKeys, values } = await device();
    await keyring.makeNext(USUAL_IDENTITY);
    values.delete('knockgate.nextKey');
    expect(await publicKeys()).toHaveLength(1);
  });

  it('come with the psk of the host', async () => {
    const { keyring, find } = await device();
    const psk = new Uint8Array(32).fill(5);
    await keyring.setPsk('prod', psk);
    expect([await find(HOST), await find(OTHER)].map(([first]) => first?.psk)).toEqual([psk, undefined]);
  });
});

describe('a knock while a key is being replaced', () => {
  /** A computer before a gate that opens to one key alone. */
  async function scene(opensTo: 'old' | 'new' | 'none') {
    const computer = new FakeComputer();
    const { keyring, find } = await device();
    const old = await keyring.load();
    await keyring.makeNext(USUAL_IDENTITY);
    const next = (await keyring.next(USUAL_IDENTITY)) ?? old;
    const pairs: PairKeys[] = [];
    const wanted = formatKey(nodeCrypto.publicKey(opensTo === 'old' ? old : next));
    const { ledger } = computer.network.io;
    const takeSlots = ledger.takeSlots.bind(ledger);
    ledger.takeSlots = (pair, slots, count, clockOffsetMs) => {
      pairs.push(pair);
      return takeSlots(pair, slots, count, clockOffsetMs);
    };
    computer.network.portState = () => {
      const isKnown = opensTo !== 'none' && pairs.some(({ clientPublic }) => formatKey(clientPublic) === wanted);
      return isKnown ? 'open' : 'silent';
    };
    const { knocker } = computer.window({ keys: onlyClientKeys(find), ledger });
    return { computer, keyring, knocker, next, pairs };
  }

  it.each([
    ['old', false],
    ['new', true],
  ] as const)(
    'tries the new key where the gate is silent to the old one: it knows the %s',
    async (opensTo, isProven) => {
      const { computer, keyring, knocker } = await scene(opensTo);
      await computer.clock.run(knocker.knock(DOOR, COMMAND, FOREVER));
      expect(keyring.provenAt(USUAL_IDENTITY)).toEqual(isProven ? [formatKey(HOST.gate.key)] : []);
    },
  );

  it('fails when the gate knows neither, and forgets none', async () => {
    const { computer, keyring, knocker, next } = await scene('none');
    expect((await computer.clock.run(problemOf(() => knocker.knock(DOOR, COMMAND, FOREVER)))).code).toBe('no-answer');
    expect(await keyring.next(USUAL_IDENTITY)).toEqual(next);
    expect(keyring.provenAt(USUAL_IDENTITY)).toEqual([]);
  });

  it('uses the psk', async () => {
    const { computer, keyring, knocker, pairs } = await scene('old');
    const psk = new Uint8Array(32).fill(5);
    await keyring.setPsk(HOST.name, psk);
    await computer.clock.run(knocker.knock(DOOR, COMMAND, FOREVER));
    expect(pairs.map((pair) => pair.psk)).toEqual([psk]);
  });

  it('tries the new key without the psk as well, and forgets a psk that the gate does not share with it', async () => {
    const { computer, keyring, knocker, next } = await scene('none');
    await keyring.setPsk(HOST.name, new Uint8Array(32).fill(5));
    const bare = pairKeys(nodeCrypto, 'gate', GATE_PRIVATE, nodeCrypto.publicKey(next));
    computer.network.portState = () => {
      const { sent } = computer.network;
      return sent.some(({ datagram }) => openMessage(nodeCrypto, bare, GATE_PRIVATE, datagram).ok) ? 'open' : 'silent';
    };
    await computer.clock.run(knocker.knock(DOOR, COMMAND, FOREVER));
    expect(keyring.provenAt(USUAL_IDENTITY)).toEqual([formatKey(HOST.gate.key)]);
    expect(keyring.hasPsk(HOST.name)).toBe(false);
  });
});
