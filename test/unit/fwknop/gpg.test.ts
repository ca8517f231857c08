import * as openpgp from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../src/base/bytes.ts';
import { nodeFwknopCrypto as crypto } from '../../../src/fwknop/crypto-node.ts';
import {
  type GpgPrivateKey,
  type GpgPublicKey,
  type GpgUse,
  openGpg,
  readGpgPrivateKey,
  readGpgPublicKey,
  sealGpg,
} from '../../../src/fwknop/gpg.ts';
import { readGpgPacket, sealGpgPacket } from '../../../src/fwknop/gpg-packet.ts';
import { encodePlaintext } from '../../../src/fwknop/plaintext.ts';
import { bytesOf } from '../spa/support.ts';
import { makeGpgKeys, type TestKeys } from './gpg-keys.ts';
import { MESSAGE } from './support.ts';

const MADE = new Date(1_699_000_000_000);
const NOW = new Date(1_700_000_000_000);
/** No tolerance: a signature must be of this very second. */
const AT = { now: NOW.getTime(), toleranceMs: 0 };
const PLAINTEXT = encodePlaintext(crypto, MESSAGE, 'sha256');
const HMAC = { digest: 'sha256', key: bytesOf('hmac key') } as const;

let rsa: { client: TestKeys; server: TestKeys };
let ecc: { client: TestKeys; server: TestKeys };
beforeAll(async () => {
  const pairOf = async (kind: 'rsa' | 'ecc') => {
    const [client, server] = await Promise.all([
      makeGpgKeys('client', { kind, date: MADE }),
      makeGpgKeys('server', { kind, date: MADE, passphrase: 'open sesame' }),
    ]);
    return { client, server };
  };
  [rsa, ecc] = await Promise.all([pairOf('rsa'), pairOf('ecc')]);
});

async function secretOf({ secret }: TestKeys, use: GpgUse, passphrase?: string): Promise<GpgPrivateKey> {
  const read = await readGpgPrivateKey(openpgp, secret, use, passphrase);
  if (!read.ok) throw new Error(read.reason);
  return read.key;
}

async function publicOf(keys: TestKeys, use: GpgUse): Promise<GpgPublicKey> {
  const read = await readGpgPublicKey(openpgp, keys.public, use);
  if (!read.ok) throw new Error(read.reason);
  return read.key;
}

async function openingKeys({ client, server }: typeof rsa) {
  return {
    recipient: await secretOf(server, 'encryption', 'open sesame'),
    signer: await publicOf(client, 'signatures'),
  };
}

async function sealingKeys({ client, server }: typeof rsa) {
  return { recipient: await publicOf(server, 'encryption'), signer: await secretOf(client, 'signatures') };
}

describe("a message in GnuPG's mode", () => {
  it.each(['rsa', 'ecc'] as const)('is opened by whom it is for, when its client signed it: %s', async (kind) => {
    const keys = { rsa, ecc }[kind];
    const sealed = await sealGpg(openpgp, await sealingKeys(keys), PLAINTEXT, NOW);
    const opening = await openingKeys(keys);
    expect(await openGpg(openpgp, opening, sealed, AT)).toEqual(PLAINTEXT);

    const [other, nobody] = [{ rsa: ecc, ecc: rsa }[kind], await makeGpgKeys('nobody', { kind: 'ecc' })];
    expect(await openGpg(openpgp, { ...opening, signer: await publicOf(other.client, 'signatures') }, sealed, AT)).toBe(
      undefined,
    );
    const stranger = await secretOf(nobody, 'encryption');
    expect(await openGpg(openpgp, { ...opening, recipient: stranger }, sealed, AT)).toBe(undefined);
    // A clock that is behind by more than the tolerance.
    expect(await openGpg(openpgp, opening, sealed, { ...AT, now: AT.now - 60_000 })).toBe(undefined);
  });

  it('is refused without a signature, with one of somebody else, and changed in any byte', async () => {
    const opening = await openingKeys(ecc);
    const sealing = await sealingKeys(ecc);
    const unsigned = await sealGpg(openpgp, { ...sealing, signer: undefined }, PLAINTEXT, NOW);
    expect(await openGpg(openpgp, opening, unsigned, AT)).toBe(undefined);
    const forged = await sealGpg(
      openpgp,
      { ...sealing, signer: await secretOf(rsa.client, 'signatures') },
      PLAINTEXT,
      NOW,
    );
    expect(await openGpg(openpgp, opening, forged, AT)).toBe(undefined);
    const sealed = await sealGpg(openpgp, sealing, PLAINTEXT, NOW);
    for (let at = 0; at < sealed.length; at += 13) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await openGpg(openpgp, opening, changed, AT)).toBe(undefined);
    }
    expect(await openGpg(openpgp, opening, concat(sealed, sealed), AT)).toBe(undefined);
    // Signed, and also encrypted with a password: no password is tried.
    const message = await openpgp.createMessage({ binary: PLAINTEXT });
    const both = { message, encryptionKeys: sealing.recipient, signingKeys: sealing.signer, date: NOW, passwords: 'x' };
    const withPassword = await openpgp.encrypt({ ...both, format: 'binary' });
    expect(await openGpg(openpgp, opening, withPassword, AT)).toBe(undefined);
  });

  it('is refused when its signature is older than it may be, whatever is in it', async () => {
    const opening = await openingKeys(ecc);
    const sealed = await sealGpg(openpgp, await sealingKeys(ecc), PLAINTEXT, NOW);
    const openedAt = (now: number) => openGpg(openpgp, opening, sealed, { now, toleranceMs: 60_000 });
    // The last second included, as for messages.
    for (const laterMs of [-60_000, 0, 60_999]) expect(await openedAt(AT.now + laterMs)).toEqual(PLAINTEXT);
    for (const laterMs of [-60_001, 61_000]) expect(await openedAt(AT.now + laterMs)).toBe(undefined);
  });

  it.each([
    ['key', undefined],
    ['subkey', [{}, { sign: true }]],
  ])('is refused once the %s that signs it has expired, whatever time the signature names', async (_, subkeys) => {
    const lifeMs = 1000_000;
    const { privateKey, publicKey } = await openpgp.generateKey({
      type: 'ecc',
      curve: 'curve25519Legacy',
      userIDs: [{ name: 'client' }],
      date: MADE,
      keyExpirationTime: lifeMs / 1000,
      ...(subkeys && { subkeys }),
      format: 'object',
    });
    const sealing = { ...(await sealingKeys(ecc)), signer: privateKey };
    const opening = { ...(await openingKeys(ecc)), signer: publicKey };
    const expiry = MADE.getTime() + lifeMs;
    // Expired by the clock of the key's owner, but within the gate's tolerance.
    const sealed = await sealGpg(openpgp, sealing, PLAINTEXT, new Date(expiry - 50_000));
    const openedAt = (now: number) => openGpg(openpgp, opening, sealed, { now, toleranceMs: 60_000 });
    expect(await openedAt(expiry - 1)).toEqual(PLAINTEXT);
    expect(await openedAt(expiry)).toBe(undefined);
  });

  it('becomes a packet that fwknopd takes, whose HMAC is looked at first', async () => {
    const packet = await sealGpgPacket(crypto, openpgp, await sealingKeys(rsa), HMAC, PLAINTEXT, NOW);
    expect(packet).toMatch(/^[A-Za-z0-9+/]+$/);
    expect(packet.length).toBeGreaterThan(400);
    expect(packet.length).toBeLessThan(1100);
    const read = readGpgPacket(crypto, HMAC, true, packet);
    expect(read.ok && (await openGpg(openpgp, await openingKeys(rsa), read.ciphertext, AT))).toEqual(PLAINTEXT);
    expect(readGpgPacket(crypto, { ...HMAC, key: bytesOf('another') }, false, packet)).toEqual({
      ok: false,
      reason: 'hmac',
    });
  });

  it('of a key on a curve is read as GnuPG itself frames it, which fwknopd does not', async () => {
    const packet = await sealGpgPacket(crypto, openpgp, await sealingKeys(ecc), undefined, PLAINTEXT, NOW);
    const framed = Buffer.from(`hQ${packet}`, 'base64');
    // The header of three bytes as GnuPG's of two: 84 5e.
    const short = concat(Uint8Array.of(0x84, framed[2] ?? 0), framed.subarray(3));
    const text = Buffer.from(short).toString('base64').replaceAll('=', '');
    expect(text.slice(0, 2)).toBe('hF');
    const tag = Buffer.from(crypto.hmac('sha256', HMAC.key, utf8(text)))
      .toString('base64')
      .replaceAll('=', '');
    const read = readGpgPacket(crypto, HMAC, false, `${text.slice(2)}${tag}`);
    expect(read.ok && (await openGpg(openpgp, await openingKeys(ecc), read.ciphertext, AT))).toEqual(PLAINTEXT);
    expect(readGpgPacket(crypto, HMAC, true, `${text.slice(2)}${tag}`).ok).toBe(false);
  });
});

describe('a key of GnuPG', () => {
  it('is refused with the reason', async () => {
    const { secret, public: open, fingerprint } = ecc.server;
    const privately = async (text: string, passphrase?: string) => {
      const read = await readGpgPrivateKey(openpgp, text, 'encryption', passphrase);
      return read.ok ? 'read' : read.reason;
    };
    expect(await privately(secret, 'open sesame')).toBe('read');
    expect(await privately(secret)).toBe('passphrase-missing');
    expect(await privately(secret, 'open')).toBe('passphrase-wrong');
    for (const text of ['', 'key', open, secret.slice(0, 300)]) expect(await privately(text)).toBe('malformed');

    const publicly = async (text: string, use: GpgUse, wanted?: string) => {
      const read = await readGpgPublicKey(openpgp, text, use, wanted);
      return read.ok ? 'read' : read.reason;
    };
    const [first, second] = await Promise.all([ecc.client, ecc.server].map((keys) => publicOf(keys, 'signatures')));
    if (first === undefined || second === undefined) throw new Error('no keys');
    const list = new openpgp.PacketList<openpgp.AnyPacket>();
    for (const key of [first, second]) list.push(...key.toPacketList());
    const both = openpgp.armor(openpgp.enums.armor.publicKey, list.write());
    expect(await publicly(open, 'encryption', fingerprint)).toBe('read');
    expect(await publicly(open, 'encryption', ecc.client.fingerprint)).toBe('malformed');
    expect(await publicly(both, 'encryption')).toBe('malformed');
    expect(await publicly(both, 'encryption', fingerprint)).toBe('read');
    // A secret key in place of a public one counts as its public half.
    expect(await publicly(secret, 'signatures', fingerprint)).toBe('read');
    const signs = await openpgp.generateKey({ userIDs: [{ name: 'a' }], subkeys: [], format: 'object' });
    expect(await publicly(signs.publicKey.armor(), 'encryption')).toBe('not-for-this');
    expect(await publicly(signs.publicKey.armor(), 'signatures')).toBe('read');
  });
});
