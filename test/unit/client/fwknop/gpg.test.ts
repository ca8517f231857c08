import * as openpgp from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../../../src/base/bytes.ts';
import { openGpgSecrets } from '../../../../src/client/fwknop/gpg-secrets.ts';
import { parseFwknopHost } from '../../../../src/client/fwknop/host.ts';
import { sendFwknopKnock } from '../../../../src/client/fwknop/knock.ts';
import { nodeFwknopCrypto as crypto } from '../../../../src/fwknop/crypto-node.ts';
import { openGpg, readGpgPrivateKey, readGpgPublicKey } from '../../../../src/fwknop/gpg.ts';
import { readGpgPacket } from '../../../../src/fwknop/gpg-packet.ts';
import { decodePlaintext } from '../../../../src/fwknop/plaintext.ts';
import { makeGpgKeys, type TestKeys } from '../../fwknop/gpg-keys.ts';
import { problemOf, WALL_MS } from '../support.ts';

const TABLE = { kind: 'fwknop', address: '203.0.113.9', keyFile: 'hmac', gpgRecipientFile: 'a', gpgSignerFile: 'b' };
const parse = (fields: Record<string, unknown> = {}) =>
  parseFwknopHost('bastion', { ...TABLE, ...fields }, 'here', 'file');
const HMAC_KEY = utf8('an hmac key');

let server: TestKeys;
let client: TestKeys;
beforeAll(async () => {
  const made = { kind: 'ecc', date: new Date(WALL_MS - 1_000_000) } as const;
  [server, client] = await Promise.all([
    makeGpgKeys('server', made),
    makeGpgKeys('client', { ...made, passphrase: 'open sesame' }),
  ]);
});

const secretsOf = (passphrase?: string, hmacKey: Uint8Array | undefined = HMAC_KEY) =>
  openGpgSecrets({
    recipient: { name: 'server.asc', text: server.public },
    signer: { name: 'client.asc', text: client.secret },
    passphrase: async () => passphrase,
    hmacKey,
  });

/** Packet that is sent for a host. */
async function packetOf(secrets: Awaited<ReturnType<typeof secretsOf>>, wallMs = WALL_MS): Promise<string> {
  const sent: Uint8Array[] = [];
  await sendFwknopKnock({ ...parse(), carrier: 'udp' }, secrets, '203.0.113.9', 'alice', wallMs, {
    crypto,
    openRoute: async () => ({
      localAddress: '203.0.113.7',
      send: async (packet) => void sent.push(packet),
      close: () => {},
    }),
    sendTcp: async () => {},
  });
  return Buffer.from(sent[0] ?? []).toString();
}

describe("a knock at fwknopd in GnuPG's mode", () => {
  it('is signed by the client and encrypted to the server', async () => {
    const packet = await packetOf(await secretsOf('open sesame'));
    const [recipient, signer] = await Promise.all([
      readGpgPrivateKey(openpgp, server.secret, 'encryption', undefined),
      readGpgPublicKey(openpgp, client.public, 'signatures'),
    ]);
    const read = readGpgPacket(crypto, { digest: 'sha256', key: HMAC_KEY }, true, packet);
    if (!recipient.ok || !signer.ok || !read.ok) throw new Error('not read');
    const keys = { recipient: recipient.key, signer: signer.key };
    const plaintext = (await openGpg(openpgp, keys, read.ciphertext, { now: WALL_MS, toleranceMs: 0 })) ?? utf8('');
    expect(decodePlaintext(crypto, plaintext)).toMatchObject({
      message: { user: 'alice', ask: { kind: 'access', ports: [{ protocol: 'tcp', port: 22 }] } },
    });
  });

  it('says which key cannot be used, and why', async () => {
    expect(await problemOf(() => secretsOf())).toMatchObject({
      code: 'fwknop-gpg-key-unusable',
      what: expect.stringContaining('client.asc'),
      why: expect.stringContaining('nobody is here to enter it'),
    });
    expect((await problemOf(() => secretsOf('wrong'))).why).toContain('does not unlock');
    const early = await secretsOf('open sesame');
    // Before the keys were made: as good as expired.
    const { code, what } = await problemOf(() => packetOf(early, WALL_MS - 2_000_000));
    expect([code, what]).toEqual(['fwknop-gpg-key-unusable', expect.stringContaining('bastion')]);
  });

  it('has files for its keys, and none for Rijndael', async () => {
    expect(parse()).toMatchObject({ keyFile: 'hmac', gpg: { recipient: 'a', signer: 'b', passphrase: undefined } });
    expect(parse({ hmac: 'none', keyFile: undefined })).toMatchObject({ keyFile: undefined, hmac: undefined });
    const wrong: [Record<string, unknown>, string][] = [
      [{ gpgRecipientFile: undefined }, 'gpgSignerFile'],
      [{ gpgSignerFile: undefined, gpgPassphraseFile: 'c' }, 'gpgRecipientFile'],
      [{ mode: 'cbc' }, 'mode'],
      [{ keyFile: undefined }, 'keyFile'],
      [{ gpgSignerFile: 3 }, 'gpgSignerFile'],
    ];
    for (const [fields, field] of wrong)
      expect(await problemOf(() => parse(fields))).toMatchObject({
        code: 'hosts-file-invalid',
        what: expect.stringContaining(`here.${field}`),
      });
  });
});
