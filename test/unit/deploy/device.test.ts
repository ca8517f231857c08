import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Device, deviceOf, type Kept } from '../../../src/deploy/device.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import type { GateEnrolment } from '../../../src/spa/enrolment.ts';
import { openMessage } from '../../../src/spa/message.ts';
import { pairKeys } from '../../../src/spa/outer.ts';
import { FakeNetwork } from '../client/support.ts';
import { temporaryFolder } from '../support.ts';

const PRIVATE = new Uint8Array(32).fill(1);

function gateOf(seed: number): GateEnrolment {
  const key = nodeCrypto.publicKey(new Uint8Array(32).fill(seed));
  return { key, slots: 32, addresses: ['192.0.2.2'], knockPorts: [443], name: 'prod' };
}

const pairWith = (gate: GateEnrolment) => pairKeys(nodeCrypto, 'client', PRIVATE, gate.key);

/** A device that already knows this gate. */
function device(known: GateEnrolment | undefined, psk?: Uint8Array) {
  const network = new FakeNetwork(join(temporaryFolder(), 'ledger'));
  const { io } = network;
  const kept: (Uint8Array | undefined)[] = [];
  const client = { key: nodeCrypto.publicKey(PRIVATE), name: 'laptop' };
  const save = async (_: GateEnrolment, { psk: newPsk }: Kept) => {
    kept.push(newPsk);
    return async () => {};
  };
  const memory = { host: 'prod', claimSource: true, known, gates: [], psk, save };
  return { io, network, kept, device: deviceOf(client, PRIVATE, memory, { ...io, resolve: async (name) => [name] }) };
}

describe('a pre-shared key', () => {
  const PSK = new Uint8Array(32).fill(8);
  const LOGIN = { host: 'prod', address: '192.0.2.2', port: 22, seconds: 0, timeoutMs: 1000 };

  /** Whether a gate that has this psk for the device opens to its knock. */
  const opens = async (laptop: Device, network: FakeNetwork, psk: Uint8Array | undefined) => {
    network.portState = () => 'open';
    network.sent.length = 0;
    const knocked = laptop.knock(gateOf(2), LOGIN, new AbortController().signal);
    (await network.clock.run(knocked)).socket.destroy();
    const pair = pairKeys(nodeCrypto, 'gate', new Uint8Array(32).fill(2), nodeCrypto.publicKey(PRIVATE), psk);
    const [{ datagram } = { datagram: new Uint8Array() }] = network.sent;
    return openMessage(nodeCrypto, pair, new Uint8Array(32).fill(2), datagram).ok;
  };

  it('that the host has is used by every knock of deploy, gate, rotate and undeploy', async () => {
    const { network, device: laptop } = device(gateOf(2), PSK);
    expect(await opens(laptop, network, PSK)).toBe(true);
    expect(await opens(laptop, network, undefined)).toBe(false);
  });

  it('that was just agreed on is used from then on, and no more when that is undone', async () => {
    const { network, device: laptop, kept } = device(undefined);
    const forget = await laptop.save(gateOf(2), { clockOffsetMs: 0, psk: PSK, sshPort: 22 });
    expect(kept).toEqual([PSK]);
    expect(await opens(laptop, network, PSK)).toBe(true);
    await forget();
    expect(await opens(laptop, network, undefined)).toBe(true);
  });

  it('that is there stays when a rotation changes the line', async () => {
    const { network, device: laptop, kept } = device(gateOf(3), PSK);
    await laptop.save(gateOf(2));
    expect(kept).toEqual([undefined]);
    expect(await opens(laptop, network, PSK)).toBe(true);
  });
});

describe('the clock of a gate that a device remembers', () => {
  it('is the one that was just measured', async () => {
    const { io, device: laptop } = device(undefined);
    const forget = await laptop.save(gateOf(2), { clockOffsetMs: -300_000, psk: undefined, sshPort: 22 });
    expect(io.ledger.clocks(pairWith(gateOf(2)), 'prod')).toEqual([-300_000, 0]);
    await forget();
    expect(io.ledger.clocks(pairWith(gateOf(2)), 'prod')).toEqual([0]);
  });

  it('is still known when a rotation has changed the key of the gate', async () => {
    const { io, device: laptop } = device(gateOf(2));
    await io.ledger.learnClock(pairWith(gateOf(2)), 'prod', -300_000, []);
    await laptop.save(gateOf(3));
    expect(io.ledger.clocks(pairWith(gateOf(3)), 'prod')).toEqual([-300_000, 0]);
  });

  it('needs no correction any more when it was measured and is right', async () => {
    const { io, device: laptop } = device(gateOf(2));
    await io.ledger.learnClock(pairWith(gateOf(2)), 'prod', -300_000, []);
    await laptop.save(gateOf(2), { clockOffsetMs: 0, psk: undefined, sshPort: 22 });
    expect(io.ledger.clocks(pairWith(gateOf(2)), 'prod')).toEqual([0]);
  });
});

describe('an address that the server saw', () => {
  it.each<[string, string, string, string | undefined]>([
    ['is noted behind a NAT', '10.0.0.9', '198.51.100.7', '198.51.100.7'],
    ['is not where our own is global', '203.0.113.5', '198.51.100.7', undefined],
    ['is not where it is a private one', '10.0.0.9', '10.0.0.9', undefined],
    ['is not where it is of another family', '10.0.0.9', '2001:db8::7', undefined],
    ['is not where it is none', '10.0.0.9', 'Welcome!', undefined],
  ])('%s: ours %s, seen %s', async (_, own, seen, noted) => {
    const { io, network, device: laptop } = device(gateOf(2));
    network.routes.set('192.0.2.2', own);
    await laptop.noteSeen(gateOf(2), '192.0.2.2', seen);
    expect(io.ledger.toldAddress(pairWith(gateOf(2)), own)).toBe(noted);
    expect(network.openRoutes).toBe(0);
  });
});
