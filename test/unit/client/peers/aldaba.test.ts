import { describe, expect, it } from 'vitest';
import { aldabaKind } from '../../../../src/client/peers/aldaba.ts';
import { AldabaReader } from '../../peers/read-aldaba.ts';
import { problemOf, WALL_MS } from '../support.ts';
import { knockAt, world } from './support.ts';

const SECRET = { text: 'Squeamish Ossifrage', file: undefined };
const knock = (
  net: ReturnType<typeof world>,
  fields = {},
  secret: { text: string; file: string | undefined } = SECRET,
) => knockAt(aldabaKind, { kind: 'aldaba', ...fields }, secret, net);
const parse = (fields: object) =>
  aldabaKind.parse(
    'peer',
    { kind: 'aldaba', address: 'a.example', keyFile: 'k', ...fields },
    'hosts.toml: peer',
    'file',
  );
const readAll = (net: ReturnType<typeof world>, mode = 'cbc') => {
  const reader = new AldabaReader(SECRET.text, mode);
  return net.sent.map(({ bytes }) => reader.read(Math.floor(WALL_MS / 1000), bytes));
};

describe('knocking at Aldaba', () => {
  it('goes to the port of the passphrase', async () => {
    const net = world(1);
    expect((await knock(net)).result).toMatchObject({ kind: 'open', knocks: 1, sourceClaimed: true });
    expect(net.sent.map(({ to }) => to)).toEqual(['203.0.113.9 680']);
    expect(readAll(net)).toEqual([['open 22 tcp 203.0.113.7']]);
  });

  it('asks for many ports by several datagrams, in the mode of the host', async () => {
    const net = world(2);
    await knock(net, { ports: ['tcp/22', 'udp/53', 'tcp/80'], cipher: 'aes-ofb', knockPort: 7177 });
    expect(net.sent.map(({ to }) => to)).toEqual(['203.0.113.9 7177', '203.0.113.9 7177']);
    expect(readAll(net, 'ofb')).toEqual([
      ['open 22 tcp 203.0.113.7', 'open 53 udp 203.0.113.7'],
      ['open 80 tcp 203.0.113.7'],
    ]);
  });

  it('sends each knock once: aldabad refuses a replay', async () => {
    const net = world(3);
    await knock(net);
    expect(readAll(net)).toEqual(Array(3).fill(['open 22 tcp 203.0.113.7']));
  });

  it('says what to check when nothing opens, and wants a passphrase of 8 bytes', async () => {
    const problem = await problemOf(() => knock(world(99)));
    expect([problem.code, problem.next]).toEqual(['no-answer', expect.stringContaining('9 seconds')]);
    expect(JSON.stringify(problem)).not.toContain(SECRET.text);
    const short = await problemOf(() => knock(world(1), {}, { text: '1234567', file: undefined }));
    expect([short.code, short.why]).toEqual(['key-malformed', 'Expected a passphrase of at least 8 bytes.']);
  });
});

describe('a host with Aldaba', () => {
  it('has the defaults of Aldaba', () => {
    expect(parse({ technique: 'SPA' })).toEqual({
      kind: 'aldaba',
      name: 'peer',
      address: 'a.example',
      ports: [{ protocol: 'tcp', port: 22 }],
      source: 'own',
      keyFile: 'k',
      mode: 'cbc',
      knockPort: undefined,
    });
    expect(aldabaKind.describe(parse({}))).toBe('Aldaba at a.example (UDP port of the passphrase) for tcp/22');
    expect(aldabaKind.fieldsOf(parse({ cipher: 'aes-cfb' }))).toMatchObject({ cipher: 'aes-cfb', source: 'own' });
  });

  it.each(['blowfish', 'BF', 'twofish-ecb', 'tfish', 'serpent', 'SP-ofb'])(
    'refuses the cipher %s by its name',
    async (cipher) => {
      const problem = await problemOf(() => parse({ cipher }));
      expect(problem).toMatchObject({ code: 'hosts-file-invalid', why: `No library of this program has ${cipher}.` });
    },
  );

  it.each([
    [{ cipher: 'rot13' }, 'cipher', 'unknown'],
    [{ technique: 'PK' }, 'technique', 'Blowfish'],
    [{ technique: 'x' }, 'technique', 'unknown'],
    [{ knockPort: 70_000 }, 'knockPort', ''],
    [{ auth: 'strong' }, 'auth', 'unknown'],
  ])('names the field that is wrong: %j', async (fields, field, why) => {
    const problem = await problemOf(() => parse(fields));
    expect(problem.what).toBe(`hosts.toml: peer.${field} is invalid.`);
    expect(problem.why).toContain(why);
  });
});
