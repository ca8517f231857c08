import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deviceOf } from '../../../src/deploy/device.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import type { GateEnrolment } from '../../../src/spa/enrolment.ts';
import { pairKeys } from '../../../src/spa/outer.ts';
import { FakeNetwork } from '../client/support.ts';
import { temporaryFolder } from '../support.ts';

const PRIVATE = new Uint8Array(32).fill(1);

function gateOf(seed: number): GateEnrolment {
  const key = nodeCrypto.publicKey(new Uint8Array(32).fill(seed));
  return { key, slots: 32, addresses: ['192.0.2.2'], knockPorts: [443], name: 'prod' };
}

const pairWith = (gate: GateEnrolment) => pairKeys(nodeCrypto, 'client', PRIVATE, gate.key);

/** A device that knows this gate from before. */
function device(known: GateEnrolment | undefined) {
  const { io } = new FakeNetwork(join(temporaryFolder(), 'ledger.json'));
  const client = { key: nodeCrypto.publicKey(PRIVATE), name: 'laptop' };
  const memory = { host: 'prod', known, gates: [], save: async () => async () => {} };
  return { io, device: deviceOf(client, PRIVATE, memory, { ...io, resolve: async (name) => [name] }) };
}

describe('the clock of a gate that a device remembers', () => {
  it('is the one that was just measured', async () => {
    const { io, device: laptop } = device(undefined);
    const forget = await laptop.save(gateOf(2), -300_000);
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
    await laptop.save(gateOf(2), 0);
    expect(io.ledger.clocks(pairWith(gateOf(2)), 'prod')).toEqual([0]);
  });
});
