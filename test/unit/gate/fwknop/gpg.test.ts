import * as openpgp from 'openpgp';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { GpgTexts } from '../../../../server-helper/config/keys.ts';
import type { LoadedGate } from '../../../../server-helper/config/load.ts';
import { nodeFwknopCrypto as crypto } from '../../../../src/fwknop/crypto-node.ts';
import { type GpgSealingKeys, readGpgPrivateKey, readGpgPublicKey } from '../../../../src/fwknop/gpg.ts';
import { sealGpgPacket } from '../../../../src/fwknop/gpg-packet.ts';
import type { FwknopMessage } from '../../../../src/fwknop/message.ts';
import { makeGpgKeys, type TestKeys } from '../../fwknop/gpg-keys.ts';
import { bytesOf } from '../../spa/support.ts';
import { address, FakeClock, loadedFrom, problemOf, temporaryFolder } from '../support.ts';
import { openDoor } from './support.ts';

const GATE = '[gate]\nknock_ports = [443]\nfwknop_port = 62201\n';
const HMAC = { digest: 'sha256', key: bytesOf('hmac') } as const;
const PASSPHRASE = 'open sesame';

let gateKeys: TestKeys;
let alice: TestKeys;
let mallory: TestKeys;
beforeAll(async () => {
  const date = new Date(new FakeClock().wall() - 1_000_000);
  [gateKeys, alice, mallory] = await Promise.all([
    makeGpgKeys('gate', { date, passphrase: PASSPHRASE }),
    makeGpgKeys('alice', { date }),
    makeGpgKeys('mallory', { date, kind: 'ecc' }),
  ]);
});

/** A gate that takes packets of alice, in GnuPG's mode. */
function loaded(change: Partial<GpgTexts> = {}): LoadedGate {
  const configured = {
    keyFile: '/gate.asc',
    passphraseFile: '/pass',
    signerFile: '/alice.asc',
    signer: alice.fingerprint,
  };
  const texts = { hmac: HMAC, privateKey: gateKeys.secret, passphrase: PASSPHRASE, signers: alice.public, configured };
  const gate = loadedFrom(`${GATE}[[fwknop]]\nname = "alice"\nkey_file = "/k"\n`);
  return { ...gate, fwknop: gate.fwknop.map((stanza) => ({ ...stanza, keys: { ...texts, ...change } })) };
}

async function keysOf(signer: TestKeys | undefined, recipient = gateKeys): Promise<GpgSealingKeys> {
  const [to, by] = await Promise.all([
    readGpgPublicKey(openpgp, recipient.public, 'encryption'),
    signer && readGpgPrivateKey(openpgp, signer.secret, 'signatures', undefined),
  ]);
  if (!to.ok || by?.ok === false) throw new Error('keys');
  return { recipient: to.key, signer: by?.key };
}

async function doorOf(clock = new FakeClock(), folder = temporaryFolder()) {
  const opened = await openDoor(loaded(), clock, folder);
  const sealText = async (plaintext: Uint8Array, keys: GpgSealingKeys, hmac = HMAC.key, aheadMs = 0) => {
    const date = new Date(clock.wall() + aheadMs);
    return Buffer.from(await sealGpgPacket(crypto, openpgp, keys, { ...HMAC, key: hmac }, plaintext, date));
  };
  const seal = async (change: Partial<FwknopMessage> = {}, aheadMs = 0) =>
    sealText(opened.plaintextOf(change), await keysOf(alice), HMAC.key, aheadMs);
  return { ...opened, seal, sealText };
}

describe("packets of fwknop in GnuPG's mode", () => {
  it('open when they are signed by the client and encrypted to the gate, and only then', async () => {
    const { hear, ignore, seal, sealText, plaintextOf, clock, door, firewall } = await doorOf();
    expect(await hear(await seal())).toMatchObject([{ event: 'granted', client: 'alice', source: '203.0.113.7' }]);
    const unauthentic = [{ event: 'refused', client: 'alice', reason: 'unauthentic' }];
    expect(await hear(await sealText(plaintextOf(), await keysOf(mallory)))).toMatchObject(unauthentic);
    expect(await hear(await sealText(plaintextOf(), await keysOf(undefined)))).toMatchObject(unauthentic);
    expect(await hear(await sealText(plaintextOf(), await keysOf(alice, mallory)))).toMatchObject(unauthentic);
    // Nothing is computed for a sender without the HMAC's key.
    expect(await ignore(await sealText(plaintextOf(), await keysOf(alice), bytesOf('another')))).toEqual([]);
    // A clock that is ahead signs ahead.
    const ahead = { timestamp: Math.floor(clock.wall() / 1000) + 59 };
    expect(await hear(await seal(ahead, 59_000))).toMatchObject([{ event: 'granted' }]);
    expect(await hear(await seal({ timestamp: ahead.timestamp + 2 }, 59_000))).toMatchObject([
      { reason: 'clock-skew' },
    ]);
    // A clock that is behind makes old signatures: they may be as old as messages may be. The message's own time does not
    // matter for that.
    expect(await hear(await seal({}, -59_000))).toMatchObject([{ event: 'granted' }]);
    expect(await hear(await seal({}, -62_000))).toMatchObject(unauthentic);
    expect(await firewall.list()).toHaveLength(1);
    await door.stop();
  });

  it('are good for once: as they are, packed anew, and after a restart', async () => {
    const { hear, seal, sealText, plaintextOf, clock, door, folder } = await doorOf();
    const replayed = [{ event: 'refused', client: 'alice', reason: 'replayed' }];
    const packet = await seal();
    expect(await hear(packet)).toMatchObject([{ event: 'granted' }]);
    expect(await hear(packet, address('192.0.2.1'))).toMatchObject(replayed);
    const plaintext = plaintextOf();
    expect(await hear(await sealText(plaintext, await keysOf(alice)))).toMatchObject([{ event: 'granted' }]);
    expect(await hear(await sealText(plaintext, await keysOf(alice)))).toMatchObject(replayed);
    await door.stop();
    const again = await doorOf(clock, folder);
    clock.jump(-70_000);
    expect(await again.hear(packet)).toMatchObject(replayed);
    await again.door.stop();
  });

  it('of devices that share an HMAC key and the gate’s are told apart by who signed them', async () => {
    const configured = {
      keyFile: '/gate.asc',
      passphraseFile: '/pass',
      signerFile: '/m.asc',
      signer: mallory.fingerprint,
    };
    const [first, second] = [loaded(), loaded({ signers: mallory.public, configured })];
    const both = [...first.fwknop, ...second.fwknop.map((stanza) => ({ ...stanza, name: 'mallory' }))];
    const { fwknopDoor, hear, seal, sealText, plaintextOf, door } = await doorOf();
    await fwknopDoor.reload({ ...first, fwknop: both }, await fwknopDoor.prepare({ ...first, fwknop: both }));
    expect(await hear(await seal())).toMatchObject([{ event: 'granted', client: 'alice' }]);
    const packet = await sealText(plaintextOf(), await keysOf(mallory));
    expect(await hear(packet)).toMatchObject([{ event: 'granted', client: 'mallory' }]);
    expect(await hear(packet)).toMatchObject([{ event: 'refused', client: 'mallory', reason: 'replayed' }]);
    const forged = await sealText(plaintextOf(), await keysOf(undefined));
    for (const _ of ['first', 'again'])
      expect(await hear(forged)).toMatchObject([{ event: 'refused', client: 'alice', reason: 'unauthentic' }]);
    await door.stop();
  });

  it('are opened a few at a time', async () => {
    const { hear, seal, entries, door } = await doorOf();
    const packets = await Promise.all(Array.from({ length: 6 }, () => seal()));
    await Promise.all(packets.map((packet) => hear(packet)));
    await vi.waitFor(() => expect(entries).toHaveLength(6), { timeout: 30_000 });
    const reasons = entries.map(({ event, reason }) => reason ?? event);
    expect(reasons.filter((reason) => reason === 'granted')).toHaveLength(4);
    expect(reasons.filter((reason) => reason === 'busy')).toHaveLength(2);
    await door.stop();
  });

  it('that a reload overtakes are decided by what is in force then, and leave the record whole', async () => {
    const { fwknopDoor, hear, seal, clock, door, folder } = await doorOf();
    const configured = {
      keyFile: '/gate.asc',
      passphraseFile: '/pass',
      signerFile: '/bob.asc',
      signer: mallory.fingerprint,
    };
    const { fwknop, ...rest } = loaded({ signers: mallory.public, configured });
    const withoutAlice = { ...rest, fwknop: fwknop.map((stanza) => ({ ...stanza, name: 'bob' })) };
    const stanzas = await fwknopDoor.prepare(withoutAlice);
    const overtaken = hear(await seal());
    await fwknopDoor.reload(withoutAlice, stanzas);
    expect(await overtaken).toMatchObject([{ event: 'refused', client: 'bob', reason: 'unauthentic' }]);
    await fwknopDoor.reload(loaded(), await fwknopDoor.prepare(loaded()));
    const packet = await seal();
    expect(await hear(packet)).toMatchObject([{ event: 'granted', client: 'alice' }]);
    await door.stop();
    const again = await doorOf(clock, folder);
    clock.jump(-70_000);
    expect(await again.hear(packet)).toMatchObject([{ event: 'refused', reason: 'replayed' }]);
    await again.door.stop();
  });

  it('need keys that can be used, at a start and at a reload', async () => {
    const cases: [Partial<GpgTexts>, string][] = [
      [{ privateKey: alice.public }, '/gate.asc does not hold'],
      [{ passphrase: undefined }, 'no gpg_passphrase_file'],
      [{ passphrase: 'wrong' }, 'not opened by what is in /pass'],
      [{ signers: mallory.public }, alice.fingerprint],
    ];
    const { fwknopDoor, door, hear, seal } = await doorOf();
    for (const [change, said] of cases) {
      const { code, what, why } = await problemOf(() => fwknopDoor.prepare(loaded(change)));
      expect([code, `${what} ${why}`]).toEqual(['gpg-key-unusable', expect.stringContaining(said)]);
    }
    const next = loaded();
    const packet = await seal();
    await hear(packet);
    await fwknopDoor.reload(next, await fwknopDoor.prepare(next));
    expect(await hear(packet)).toMatchObject([{ reason: 'replayed' }]);
    await door.stop();
  });
});
