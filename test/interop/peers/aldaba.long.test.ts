import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../rig/client.ts';
import { CLIENT4, CLIENT6, createPair, type Pair, TARGET4, TARGET6 } from '../../rig/netns.ts';
import { clientWith } from './peer-client.ts';
import { type StandIn, sendBytes, startStandIn } from './stand-in.ts';

const PASSPHRASE = 'Squeamish Ossifrage';
/** UDP port that the passphrase gives. */
const PORT = 680;
const MODES = ['cbc', 'ecb', 'cfb', 'ofb'];
const host = (name: string, address: string, fields = '') =>
  `[${name}]\nkind = "aldaba"\naddress = "${address}"\nkeyFile = "passphrase"\n${fields}\n`;
const HOSTS = [
  ...MODES.map((mode) => host(mode, TARGET4, `cipher = "aes-${mode}"`)),
  host('six', TARGET6, 'ports = ["tcp/22", "udp/53", "tcp/443"]'),
  host('wrong', TARGET4, `knockPort = ${PORT}`).replace('"passphrase"', '"other"'),
].join('\n');

// No package has Aldaba: a stand-in in Python plays the server.
describe('our client at a stand-in for aldabad', () => {
  let pair: Pair;
  let server: StandIn | undefined;
  let client: Client;

  beforeEach(async () => {
    pair = await createPair({ name: 'aldaba' });
    client = clientWith(pair.client, HOSTS, { passphrase: PASSPHRASE, other: 'another passphrase' });
  });
  afterEach(async () => {
    await server?.stop();
    client?.dispose();
    pair?.destroy();
  });
  const start = async (mode: string) => {
    server = await startStandIn(pair.target, 'aldaba_server.py', ['22', mode], PASSPHRASE);
    return server;
  };

  it.each(MODES)('opens in the mode %s, and not again by the same packet', async (mode) => {
    const { heard } = await start(mode);
    const { code, json, stderr } = await client.json(['knock', mode]);
    expect([code, json, stderr]).toMatchObject([0, { open: true, port: 'tcp/22', address: TARGET4 }, '']);
    expect(heard[0]).toMatchObject({ does: 'open tcp/22', address: CLIENT4 });
    const before = heard.length;
    await sendBytes(pair.client, TARGET4, PORT, heard[0]?.hex ?? '');
    await expect.poll(() => heard.length).toBe(before + 1);
    expect(heard.at(-1)?.refused).toMatch(/replay|time/);
  });

  it('asks for three ports by two packets, over IPv6', async () => {
    const { heard } = await start('cbc');
    expect((await client.run(['knock', 'six'])).code).toBe(0);
    expect(heard.slice(0, 2).map(({ does, address }) => [does, address])).toEqual([
      ['open tcp/22, open udp/53', CLIENT6],
      ['open tcp/443', CLIENT6],
    ]);
  });

  it('is refused with another passphrase', async () => {
    const { heard } = await start('cbc');
    expect((await client.run(['knock', 'wrong', '--timeout', '1'])).code).toBe(12);
    expect(heard.map(({ refused }) => refused)).toContain('magic');
  });
});
