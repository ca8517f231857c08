import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../rig/client.ts';
import { CLIENT4, CLIENT6, createPair, type Pair, TARGET4, TARGET6 } from '../../rig/netns.ts';
import { clientWith } from './peer-client.ts';
import { type StandIn, sendBytes, startStandIn } from './stand-in.ts';

const PSK = 'pässwörd s3cret';
const PORT = 60_120;
const HOSTS = `
[four]
kind = "pyknock"
address = "${TARGET4}"
keyFile = "psk"
ports = ["tcp/22"]

[six]
kind = "pyknock"
address = "${TARGET6}"
keyFile = "psk"

[wrong]
kind = "pyknock"
address = "${TARGET4}"
keyFile = "other"
`;

// No package has pyknock: a stand-in in Python plays the server.
describe('our client at a stand-in for pyknock-server', () => {
  let pair: Pair;
  let server: StandIn;
  let client: Client;

  beforeEach(async () => {
    pair = await createPair({ name: 'pyknock' });
    server = await startStandIn(pair.target, 'pyknock_server.py', [String(PORT), '22', '60'], PSK);
    client = clientWith(pair.client, HOSTS, { psk: PSK, other: 'another' });
  });
  afterEach(async () => {
    await server?.stop();
    client?.dispose();
    pair?.destroy();
  });

  it.each([
    ['four', TARGET4, CLIENT4],
    ['six', TARGET6, CLIENT6],
  ])('opens %s, for the address that the server sees', async (name, address, own) => {
    const { code, json, stderr } = await client.json(['knock', name]);
    expect([code, json, stderr]).toMatchObject([0, { open: true, port: 'tcp/22', address }, '']);
    expect(server.heard[0]).toMatchObject({ does: 'open', address: own });
  });

  it('is refused with another key', async () => {
    const { code, json } = await client.json(['knock', 'wrong', '--timeout', '1']);
    expect([code, json]).toMatchObject([12, { error: { code: 'no-answer' } }]);
    expect(server.heard[0]).toMatchObject({ refused: 'tag' });
  });

  it('sends what anybody can send again within a minute', async () => {
    await client.run(['knock', 'four']);
    const [first] = server.heard;
    const before = server.heard.length;
    await sendBytes(pair.client, TARGET4, PORT, first?.hex ?? '');
    await expect.poll(() => server.heard.length).toBe(before + 1);
    expect(server.heard.at(-1)).toMatchObject({ does: 'open', address: CLIENT4, hex: first?.hex });
  });
});
