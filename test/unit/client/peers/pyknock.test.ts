import { describe, expect, it } from 'vitest';
import { pyknockKind } from '../../../../src/client/peers/pyknock.ts';
import { readPyknock } from '../../peers/read-pyknock.ts';
import { problemOf, WALL_MS } from '../support.ts';
import { knockAt, world } from './support.ts';

const SECRET = { text: 's3cret-PSK', file: undefined };
const knock = (
  net: ReturnType<typeof world>,
  fields = {},
  secret: { text: string; file: string | undefined } = SECRET,
) => knockAt(pyknockKind, { kind: 'pyknock', ...fields }, secret, net);
const parse = (fields: object, from: 'file' | 'setting' = 'file') =>
  pyknockKind.parse('peer', { kind: 'pyknock', address: 'a.example', ...fields }, 'hosts.toml: peer', from);

describe('knocking at pyknock', () => {
  it('sends one datagram that opens for the own address, and waits', async () => {
    const net = world(1);
    const { result, untilMs } = await knock(net);
    expect(result).toMatchObject({ kind: 'open', port: 22, knocks: 1, sourceClaimed: true });
    expect(untilMs).toBeGreaterThan(WALL_MS);
    expect(net.sent.map(({ to }) => to)).toEqual(['203.0.113.9 60120']);
    const [first] = net.sent;
    expect(first && readPyknock(SECRET.text, WALL_MS / 1000, first.bytes)).toEqual({
      does: 'open',
      address: '203.0.113.7',
    });
  });

  it('knocks at every address of a name, and again with a new time', async () => {
    const net = world(4);
    expect((await knock(net, { address: 'a.example', knockPort: 7 })).result).toMatchObject({ knocks: 4 });
    expect(net.sent.map(({ to }) => to)).toEqual(['203.0.113.9 7', '2001:db8::9 7', '203.0.113.9 7', '2001:db8::9 7']);
    expect(new Set(net.sent.map(({ bytes }) => bytes.toString('hex'))).size).toBe(4);
  });

  it('names another address when told to, also of the other family', async () => {
    const net = world(1);
    await knock(net, { source: '2001:db8::77' });
    expect(net.sent[0] && readPyknock(SECRET.text, WALL_MS / 1000, net.sent[0].bytes)).toMatchObject({
      address: '20010db8000000000000000000000077',
    });
  });

  it('does not name a private address to a server on the internet', async () => {
    const { code, next } = await problemOf(() => knock(world(1, '192.168.0.5')));
    expect([code, next]).toEqual(['source-unknown', expect.stringContaining('`source`')]);
  });

  it('says what to check when nothing opens, without the key', async () => {
    const problem = await problemOf(() => knock(world(99)));
    expect(problem).toMatchObject({ code: 'no-answer', exit: 12 });
    expect(problem.next).toContain('The source: the packet names 203.0.113.7.');
    expect(JSON.stringify(problem)).not.toContain(SECRET.text);
  });

  it.each([
    ['', undefined],
    ['€', undefined],
    ['\xff', '/keys/peer'],
  ])('refuses the key %j, and does not show it', async (text, file) => {
    const problem = await problemOf(() => knock(world(1), {}, { text, file }));
    expect(problem.code).toBe('key-malformed');
    if (file !== undefined) expect(problem.what).toContain(file);
  });

  it('reads a key file as UTF-8, and signs with Latin-1', async () => {
    const net = world(1);
    await knock(net, {}, { text: Buffer.from('pässwörd').toString('latin1'), file: '/keys/peer' });
    expect(net.sent[0] && readPyknock('pässwörd', WALL_MS / 1000, net.sent[0].bytes)).toMatchObject({ does: 'open' });
  });
});

describe('a host with pyknock', () => {
  it('has the defaults of pyknock', () => {
    expect(parse({ keyFile: 'k' })).toEqual({
      kind: 'pyknock',
      name: 'peer',
      address: 'a.example',
      ports: [{ protocol: 'tcp', port: 22 }],
      source: 'own',
      keyFile: 'k',
      knockPort: 60_120,
    });
    expect(pyknockKind.describe(parse({ keyFile: 'k' }))).toBe('pyknock at a.example (UDP 60120) for tcp/22');
    expect(pyknockKind.fieldsOf(parse({ keyFile: 'k', source: '192.0.2.1' }))).toMatchObject({ source: '192.0.2.1' });
  });

  it.each([
    [{}, 'keyFile'],
    [{ keyFile: 'k', source: 'seen' }, 'source'],
    [{ keyFile: 'k', knockPort: 0 }, 'knockPort'],
    [{ keyFile: 'k', ports: [] }, 'ports'],
    [{ keyFile: 'k', psk: 'secret' }, 'psk'],
    [{ keyFile: 'k', address: 'a b' }, 'address'],
  ])('names the field that is wrong: %j', async (fields, field) => {
    expect((await problemOf(() => parse(fields))).what).toBe(`hosts.toml: peer.${field} is invalid.`);
  });

  it('names no key file in the settings, which may be synced', async () => {
    expect((await problemOf(() => parse({ keyFile: 'k' }, 'setting'))).what).toContain('keyFile');
  });
});
