import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../../../src/base/addresses.ts';
import { utf8 } from '../../../../src/base/bytes.ts';
import type { FwknopHost } from '../../../../src/client/fwknop/host.ts';
import { type FwknopIo, openFwknopHost } from '../../../../src/client/fwknop/open.ts';
import type { Probed } from '../../../../src/client/network/wait.ts';
import { nodeFwknopCrypto as crypto } from '../../../../src/fwknop/crypto-node.ts';
import type { FwknopMessage } from '../../../../src/fwknop/message.ts';
import { openPacket } from '../../../../src/fwknop/packet.ts';
import { decodePlaintext } from '../../../../src/fwknop/plaintext.ts';
import { FakeClock, problemOf, WALL_MS } from '../support.ts';

const secrets = { key: utf8('a key'), hmacKey: utf8('another') };
const HOST: FwknopHost = {
  kind: 'fwknop',
  name: 'bastion',
  address: '203.0.113.9',
  ports: [{ protocol: 'tcp', port: 22 }],
  carrier: 'udp',
  knockPort: 62_201,
  mode: 'cbc',
  digest: 'sha256',
  hmac: 'sha256',
  source: 'own',
  duration: 0,
  forward: undefined,
  command: undefined,
  user: undefined,
  keyFile: undefined,
  gpg: undefined,
};

/** A world in which the port opens after so many packets. */
function world(opensAfter: number, own = '203.0.113.7') {
  const clock = new FakeClock();
  const packets: string[] = [];
  const over: string[] = [];
  const io: FwknopIo = {
    crypto,
    clock,
    resolve: async () => ['203.0.113.9', '2001:db8::9'],
    probe: async (): Promise<Probed> =>
      packets.length >= opensAfter ? { kind: 'open', socket: new Socket() } : { kind: 'silent' },
    openRoute: async (address, port) => ({
      localAddress: own,
      send: async (bytes) => {
        over.push(`udp ${address} ${port}`);
        packets.push(Buffer.from(bytes).toString());
      },
      close: () => {},
    }),
    sendTcp: async (address, port, bytes) => {
      over.push(`tcp ${address} ${port}`);
      packets.push(Buffer.from(bytes).toString());
    },
  };
  return { io, clock, packets, over };
}

function messageOf(packet: string): FwknopMessage {
  const opened = openPacket(
    crypto,
    { key: secrets.key, mode: 'cbc', hmac: { digest: 'sha256', key: secrets.hmacKey } },
    packet,
  );
  const read = opened.ok ? decodePlaintext(crypto, opened.plaintext) : opened;
  if (!read.ok) throw new Error(read.reason);
  return read.message;
}

const open = (
  host: Partial<FwknopHost>,
  { io, clock }: Pick<ReturnType<typeof world>, 'io' | 'clock'>,
  probePort: number | null = 22,
) => {
  const how = { user: 'me', probePort: probePort ?? undefined, timeoutMs: 8000 };
  return clock.run(openFwknopHost({ ...HOST, ...host }, secrets, how, io, new AbortController().signal));
};

describe('opening a host behind fwknopd', () => {
  it('sends what was asked for, and waits', async () => {
    const net = world(1);
    const result = await open({ duration: 60 }, net);
    expect(result).toMatchObject({ kind: 'open', address: '203.0.113.9', port: 22, knocks: 1, sourceClaimed: true });
    const { source, ...message } = messageOf(net.packets[0] ?? '');
    expect(source && formatAddress(source)).toBe('203.0.113.7');
    expect(message).toMatchObject({
      user: 'me',
      timestamp: WALL_MS / 1000,
      version: '3.0.0',
      ask: { kind: 'access', ports: HOST.ports },
      timeout: 60,
    });
    expect(net.over).toEqual(['udp 203.0.113.9 62201']);
  });

  it('knocks at every IPv4 address of a name, with a packet for each, and a command at the first alone', async () => {
    const resolve = async () => ['203.0.113.6', '2001:db8::9', '203.0.113.9'];
    const net = world(1);
    const probe: FwknopIo['probe'] = async (address) =>
      address === '203.0.113.9' ? { kind: 'open', socket: new Socket() } : { kind: 'silent' };
    const many = { ...net, io: { ...net.io, resolve, probe } };
    expect(await open({ address: 'door.example' }, many)).toMatchObject({ kind: 'open', address: '203.0.113.9' });
    expect(net.over).toEqual(['udp 203.0.113.6 62201', 'udp 203.0.113.9 62201']);
    expect(new Set(net.packets).size).toBe(2);
    net.over.length = 0;
    await open({ address: 'door.example', ports: [], command: 'uptime' }, many, null);
    expect(net.over).toEqual(['udp 203.0.113.6 62201']);
  });

  it('is not kept waiting by an address that takes no connection', async () => {
    const net = world(1);
    const resolve = async () => ['203.0.113.6', '203.0.113.9'];
    const sendTcp: FwknopIo['sendTcp'] = (address, ...rest) =>
      address === '203.0.113.6' ? new Promise(() => {}) : net.io.sendTcp(address, ...rest);
    const host = { address: 'door.example', carrier: 'tcp' } as const;
    expect(await open(host, { ...net, io: { ...net.io, resolve, sendTcp } })).toMatchObject({
      kind: 'open',
      knocks: 1,
    });
  });

  it('sends another packet when one is lost, never the same', async () => {
    const net = world(3);
    expect(await open({}, net)).toMatchObject({ kind: 'open', knocks: 3 });
    expect(new Set(net.packets.map((packet) => messageOf(packet).random)).size).toBe(3);
  });

  it('goes over TCP, names the source that it is told, leaves it open when told', async () => {
    const net = world(1);
    await open({ carrier: 'tcp', knockPort: 80, source: 'seen', user: 'alice' }, net);
    expect(net.over).toEqual(['tcp 203.0.113.9 80']);
    expect(messageOf(net.packets[0] ?? '')).toMatchObject({ source: undefined, user: 'alice' });
  });

  it('goes as the path of a request over HTTP', async () => {
    const net = world(1);
    await open({ carrier: 'http', knockPort: 80 }, net);
    expect(net.over).toEqual(['tcp 203.0.113.9 80']);
    const [line = '', ...headers] = (net.packets[0] ?? '').split('\r\n');
    const path = /^GET \/([A-Za-z0-9_-]+) HTTP\/1\.1$/.exec(line)?.[1] ?? '';
    expect(messageOf(path.replaceAll('-', '+').replaceAll('_', '/'))).toMatchObject({ user: 'me' });
    expect(headers).toContain('Host: 203.0.113.9');
    expect(headers.slice(-2)).toEqual(['', '']);
    expect(headers[0]).toMatch(/^User-Agent: Fwknop/);
  });

  it.each([
    ['10.0.0.5', false, '10.0.0.5'],
    [undefined, true, '203.0.113.9'],
  ])('asks for a way to %s', async (host, local, to) => {
    const net = world(1);
    await open({ forward: { host, port: 2222 }, duration: 60 }, net);
    const target = { host: to, port: 2222 };
    expect(messageOf(net.packets[0] ?? '')).toMatchObject({
      ask: { kind: 'nat', local, ports: HOST.ports, target },
      timeout: 60,
    });
  });

  it('asks for a command, whose result is unknown', async () => {
    const net = world(1);
    expect(await open({ command: 'wall "hello; world"', ports: [] }, net, null)).toMatchObject({ kind: 'sent' });
    expect(messageOf(net.packets[0] ?? '')).toMatchObject({
      ask: { kind: 'command', command: 'wall "hello; world"' },
      timeout: 0,
    });
  });

  it('calls itself what fwknop takes, whatever the system calls the user', async () => {
    const net = world(1);
    const how = { user: 'José García', probePort: 22, timeoutMs: 8000 };
    await net.clock.run(openFwknopHost(HOST, secrets, how, net.io, new AbortController().signal));
    expect(messageOf(net.packets[0] ?? '').user).toBe('Jos__Garc_a');
  });

  it('takes the address of IPv4 of a name, and says so when there is none', async () => {
    const net = world(1);
    await open({ address: 'bastion.example' }, net);
    expect(net.over).toEqual(['udp 203.0.113.9 62201']);
    expect((await problemOf(() => open({ address: '2001:db8::9' }, net))).code).toBe('fwknop-only-ipv6');
  });

  it('does not claim a private address at a public server', async () => {
    const net = world(1, '192.168.1.5');
    expect((await problemOf(() => open({}, net))).code).toBe('fwknop-source-unknown');
    expect(net.packets).toEqual([]);
    expect(await open({ address: '192.168.1.1' }, net)).toMatchObject({ kind: 'open' });
  });

  it('does not send what fwknopd would take for GnuPG', async () => {
    const net = world(1);
    const ports = Array.from({ length: 18 }, (_, i) => ({ protocol: 'tcp' as const, port: 20_000 + i }));
    expect((await problemOf(() => open({ ports }, net))).code).toBe('fwknop-packet-too-long');
  });

  it('says what to look at when nothing opens, and that nothing can be told of UDP', async () => {
    const net = world(99);
    expect(await problemOf(() => open({}, net))).toMatchObject({ code: 'no-answer', exit: 12 });
    expect(await open({}, net, null)).toEqual({ kind: 'sent', addresses: ['203.0.113.9'], knocks: 1 });
  });

  it('says that there is no way', async () => {
    const net = world(1);
    const unreachable = Object.assign(new Error('no'), { code: 'ENETUNREACH', syscall: 'connect' });
    const openRoute = () => Promise.reject(unreachable);
    expect((await problemOf(() => open({}, { ...net, io: { ...net.io, openRoute } }))).code).toBe('no-route');
  });
});
