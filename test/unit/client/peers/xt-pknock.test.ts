import { describe, expect, it } from 'vitest';
import { xtPknockKind } from '../../../../src/client/peers/xt-pknock.ts';
import { readXtPknock } from '../../peers/read-xt-pknock.ts';
import { problemOf, WALL_MS } from '../support.ts';
import { knockAt, world } from './support.ts';

const SECRET = { text: 'foo', file: undefined };
const knock = (
  net: ReturnType<typeof world>,
  fields: object,
  secret: { text: string; file: string | undefined } = SECRET,
) => knockAt(xtPknockKind, { kind: 'xt_pknock', ...fields }, secret, net);
const parse = (fields: object, from: 'file' | 'setting' = 'file') =>
  xtPknockKind.parse('peer', { kind: 'xt_pknock', address: 'a.example', ...fields }, 'hosts.toml: peer', from);
const reads = (datagram: Buffer | undefined, minutes = 0, source = '203.0.113.7') =>
  datagram !== undefined &&
  readXtPknock('master', 'foo', source, { real: WALL_MS / 1000 + 60 * minutes, uptime: 0 }, datagram);

describe('knocking at xt_pknock with a secret', () => {
  it('sends the minute of now, at IPv4 addresses alone', async () => {
    const net = world(1);
    const { result } = await knock(net, { address: 'a.example', knockPort: 2000 });
    expect(result).toMatchObject({ kind: 'open', knocks: 1, sourceClaimed: true });
    expect(net.sent.map(({ to }) => to)).toEqual(['203.0.113.9 2000']);
    expect(reads(net.sent[0]?.bytes)).toBe(true);
  });

  it('tries the minutes beside it when nothing opens', async () => {
    const net = world(4);
    await knock(net, { knockPort: 2000 });
    expect(net.sent.map(({ bytes }) => [-1, 0, 1].find((by) => reads(bytes, by)))).toEqual([0, -1, 0, 1]);
  });

  it('signs the address by which the server sees it', async () => {
    const net = world(1, '192.168.0.5');
    expect((await problemOf(() => knock(net, { knockPort: 2000 }))).code).toBe('source-unknown');
    await knock(net, { knockPort: 2000, source: '198.51.100.9' });
    expect(reads(net.sent[0]?.bytes, 0, '198.51.100.9')).toBe(true);
  });

  it('says what to check, of releases too, and that it needs IPv4 and a secret', async () => {
    const problem = await problemOf(() => knock(world(99), { knockPort: 2000 }));
    expect([problem.code, problem.next]).toEqual(['no-answer', expect.stringContaining('2.11 to 3.27')]);
    const six = await problemOf(() => knock(world(1), { knockPort: 2000, address: '2001:db8::9' }));
    expect(six.code).toBe('needs-ipv4');
    const none = await problemOf(() => knock(world(1), { knockPort: 2000 }, { text: '', file: '/k' }));
    expect(none.code).toBe('key-malformed');
  });
});

describe('a host with xt_pknock', () => {
  it('is knocked at by the steps of a rule, over IPv4', () => {
    const host = parse({ steps: '4002:udp 4001:udp 4004:udp', delay: 5 });
    expect(host.way).toMatchObject({ by: 'steps', host: { family: 'ipv4', delayMs: 5 } });
    expect(xtPknockKind.sharesKeys(host)).toBe(false);
    expect(xtPknockKind.describe(host)).toBe('xt_pknock at a.example (3 ports) for tcp/22');
    expect(xtPknockKind.fieldsOf(host)).toMatchObject({ steps: '4002:udp 4001:udp 4004:udp', delay: 5 });
  });

  it('or by one datagram', () => {
    const host = parse({ knockPort: 2000, keyFile: 'k', source: '192.0.2.1' });
    expect(xtPknockKind.sharesKeys(host)).toBe(true);
    expect(xtPknockKind.describe(host)).toBe('xt_pknock at a.example (UDP 2000) for tcp/22');
    expect(xtPknockKind.fieldsOf(host)).toMatchObject({ knockPort: 2000, keyFile: 'k', source: '192.0.2.1' });
  });

  it.each([
    [{}, 'keyFile'],
    [{ keyFile: 'k' }, 'steps'],
    [{ steps: '1:tcp 2:udp' }, 'steps'],
    [{ steps: '1', family: 'ipv6' }, 'family'],
    [{ steps: '1', knockPort: 2 }, 'knockPort'],
    [{ knockPort: 2, keyFile: 'k', source: '2001:db8::1' }, 'source'],
    [{ knockPort: 2, keyFile: 'k', delay: 5 }, 'delay'],
  ])('names the field that is wrong: %j', async (fields, field) => {
    expect((await problemOf(() => parse(fields))).what).toBe(`hosts.toml: peer.${field} is invalid.`);
  });
});
