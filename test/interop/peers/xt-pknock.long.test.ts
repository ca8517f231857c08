import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../rig/client.ts';
import { CLIENT4, createPair, type Pair, TARGET4 } from '../../rig/netns.ts';
import { clientWith } from './peer-client.ts';
import { type StandIn, sendBytes, startStandIn } from './stand-in.ts';

const SECRET = 'f00-barre';
const HOSTS = `
[secret]
kind = "xt_pknock"
address = "${TARGET4}"
knockPort = 2000
keyFile = "secret"

[wrong]
kind = "xt_pknock"
address = "${TARGET4}"
knockPort = 2000
keyFile = "other"

[steps]
kind = "xt_pknock"
address = "${TARGET4}"
steps = "4002:udp 4001:udp 4004:udp"
`;

// The kernel of this machine has no xt_pknock: a stand-in in Python plays the rule.
describe('our client at a stand-in for xt_pknock', () => {
  let pair: Pair;
  let server: StandIn | undefined;
  let client: Client;

  beforeEach(async () => {
    pair = await createPair({ name: 'pknock' });
    client = clientWith(pair.client, HOSTS, { secret: SECRET, other: 'another' });
  });
  afterEach(async () => {
    await server?.stop();
    client?.dispose();
    pair?.destroy();
  });
  const start = async (...argv: string[]) => {
    server = await startStandIn(pair.target, 'xt_pknock_server.py', argv, SECRET);
    return server;
  };

  it('opens by a secret, for the address that it comes from; again when the same packet is sent again', async () => {
    const { heard } = await start('hmac', '2000');
    const { code, json, stderr } = await client.json(['knock', 'secret']);
    expect([code, json, stderr]).toMatchObject([0, { open: true, port: 'tcp/22', address: TARGET4 }, '']);
    const good = heard.find(({ does }) => does === 'open');
    expect(good).toMatchObject({ address: CLIENT4, from: CLIENT4 });
    const before = heard.length;
    await sendBytes(pair.client, TARGET4, 2000, good?.hex ?? '');
    await expect.poll(() => heard.length).toBe(before + 1);
    const isLater = heard.at(-1)?.minute !== good?.minute;
    expect(heard.at(-1)).toMatchObject(isLater ? { refused: 'tag' } : { does: 'open' });
  });

  it('is refused with another secret', async () => {
    const { heard } = await start('hmac', '2000');
    expect((await client.run(['knock', 'wrong', '--timeout', '1'])).code).toBe(12);
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.every(({ refused }) => refused === 'tag')).toBe(true);
  });

  it('opens by the steps of a rule', async () => {
    const { heard } = await start('steps', '4002', '4001', '4004');
    const { code, json } = await client.json(['knock', 'steps']);
    expect([code, json]).toMatchObject([0, { open: true, address: TARGET4 }]);
    expect(heard.at(-1)).toMatchObject({ does: 'open', address: CLIENT4 });
  });
});
