import * as openpgp from 'openpgp';
import { expect, it } from 'vitest';
import { Admission, openGpgPacket } from '../../../../server-helper/fwknop/verify-gpg.ts';
import { utf8 } from '../../../../src/base/bytes.ts';
import { nodeFwknopCrypto as crypto } from '../../../../src/fwknop/crypto-node.ts';
import { writePacketText } from '../../../../src/fwknop/packet-text.ts';

it('opens none of the last 10,000 packets again, and remembers no more of them', async () => {
  const { privateKey, publicKey } = await openpgp.generateKey({ userIDs: [{ name: 'anybody' }], format: 'object' });
  const hmac = { digest: 'sha256', key: utf8('hmac') } as const;
  const open = { recipient: privateKey, signer: publicKey };
  const keys = { hmac, pgp: openpgp, open, isRsa: true, admission: new Admission() };
  const became = async (i: number) => {
    // It has the HMAC, and is not a message: refused at the first look inside.
    const packet = writePacketText(crypto, hmac, 'hQ', Buffer.from(`850${String(i).padStart(237, '0')}`, 'hex'));
    const opened = await openGpgPacket(crypto, keys, packet, { now: 0, toleranceMs: 0 });
    return opened.ok ? 'opened' : opened.reason;
  };
  const first = new Set<string>();
  for (let i = 0; i < 10_000; i++) first.add(await became(i));
  expect([...first]).toEqual(['message']);
  for (const i of [0, 5000, 9999]) expect(await became(i)).toBe('known');
  expect(await became(10_000)).toBe('message');
  expect(await became(0)).toBe('message');
});
