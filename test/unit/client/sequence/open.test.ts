import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { formatPort, parsePort } from '../../../../src/base/ports.ts';
import type { Probed } from '../../../../src/client/network/wait.ts';
import type { SequenceHost } from '../../../../src/client/sequence/host.ts';
import { openSequenceHost, type SequenceIo } from '../../../../src/client/sequence/open.ts';
import { oneTimeSequence, timeStepAt } from '../../../../src/sequence/one-time.ts';
import { parseStep } from '../../../../src/sequence/step.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { FakeClock, problemOf, systemError, WALL_MS } from '../support.ts';

const KEY = new Uint8Array(32).fill(7);
const STEPS = ['tcp/7000', 'udp/8000', 'tcp/9000'];
const SSH = { protocol: 'tcp', port: 22 } as const;
const HOST: SequenceHost = {
  kind: 'sequence',
  name: 'door',
  address: '203.0.113.9',
  sequence: { kind: 'fixed', steps: STEPS.map((step) => parsePort(step)) },
  delayMs: 50,
  family: undefined,
  ports: [SSH],
};
const ONCE: SequenceHost = { ...HOST, sequence: { kind: 'one-time', client: 'alice-phone', keyFile: undefined } };

/** A server that opens once it has heard these steps the given number of times, and nothing else in between. */
function world(opensTo: readonly string[], times = 1) {
  const clock = new FakeClock();
  const heard: { step: string; atMs: number }[] = [];
  const over = new Set<string>();
  const opened = () =>
    heard
      .map(({ step }) => step)
      .join(' ')
      .split(opensTo.join(' ')).length > times;
  const hear = (address: string, step: string) => {
    over.add(address);
    if (address === '203.0.113.9') heard.push({ step, atMs: clock.monotonicMs() });
  };
  const io: SequenceIo = {
    crypto: nodeCrypto,
    clock,
    resolve: async () => ['203.0.113.9', '2001:db8::9'],
    probe: async (address, port, windowMs): Promise<Probed> => {
      if (port === 22 && address === '203.0.113.9' && opened()) return { kind: 'open', socket: new Socket() };
      hear(address, `tcp/${port}`);
      if (port !== 22) return { kind: 'refused' };
      await clock.sleep(windowMs);
      return { kind: 'silent' };
    },
    openRoute: async (address, port, from) => ({
      localAddress: '203.0.113.7',
      send: async ({ length }) =>
        hear(address, `udp/${port}${length === 0 ? '' : `:${length}`}${from ? ` from ${from}` : ''}`),
      close: () => {},
    }),
    ping: async (address, length) => {
      await clock.sleep(20);
      hear(address, `icmp:${length}`);
      return { kind: 'sent' };
    },
    platform: 'linux',
  };
  const steps = () => heard.filter(({ step }) => step !== 'tcp/22');
  return { io, clock, heard, steps, over };
}

type World = Pick<ReturnType<typeof world>, 'io' | 'clock'>;
const open = (
  host: SequenceHost,
  { io, clock }: World,
  how: { probePort?: number | undefined; force?: boolean } = {},
) => {
  const opening = { probePort: 22, force: true, timeoutMs: 8000, ...how };
  const key = host.sequence.kind === 'one-time' ? KEY : undefined;
  return clock.run(openSequenceHost(host, key, opening, io, new AbortController().signal));
};
const stepsOf = (timeStep: number) =>
  oneTimeSequence(nodeCrypto, KEY, 'alice-phone', timeStep).steps.map((step) => formatPort(step));

describe('opening a host by a sequence of ports', () => {
  it('sends a packet to each port in turn, with the delay between, and looks at the port behind the last', async () => {
    const net = world(STEPS);
    expect(await open(HOST, net)).toMatchObject({ kind: 'open', address: '203.0.113.9', port: 22, knocks: 1 });
    expect(net.steps().map(({ step }) => step)).toEqual(STEPS);
    const [first, second, third] = net.steps().map(({ atMs }) => atMs);
    expect([(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)]).toEqual([50, 50]);
  });

  it('sends it again when it was lost, and never looks meanwhile', async () => {
    const net = world(STEPS, 3);
    expect(await open(HOST, net)).toMatchObject({ kind: 'open', knocks: 3 });
  });

  it('looks first whether it is open, unless told not to', async () => {
    const net = world(['tcp/22']);
    expect(await open(HOST, net, { force: false })).toMatchObject({ kind: 'open', knocks: 0 });
    expect(net.steps()).toEqual([]);
  });

  it('knocks at every address of a name, or those of one family', async () => {
    const both = world(STEPS);
    await open({ ...HOST, address: 'door.example' }, both);
    expect([...both.over]).toEqual(['203.0.113.9', '2001:db8::9']);
    const one = world(STEPS);
    await open({ ...HOST, address: 'door.example', family: 'ipv4' }, one);
    expect([...one.over]).toEqual(['203.0.113.9']);
    const none = await problemOf(() => open({ ...HOST, family: 'ipv6' }, world(STEPS)));
    expect(none).toMatchObject({ code: 'sequence-no-address', exit: 3 });
  });

  it('goes to the addresses of one family in turn: one server may have both', async () => {
    const net = world(STEPS);
    const steps: string[] = [];
    const resolve = async () => ['203.0.113.6', '203.0.113.9'];
    const probe: SequenceIo['probe'] = (address, port, ...rest) => {
      if (port !== 22) steps.push(`${address} ${port}`);
      return net.io.probe(address, port, ...rest);
    };
    const opened = await open({ ...HOST, address: 'door.example' }, { ...net, io: { ...net.io, resolve, probe } });
    expect(opened).toMatchObject({ kind: 'open', address: '203.0.113.9', knocks: 1 });
    expect(steps).toEqual(['203.0.113.6 7000', '203.0.113.6 9000', '203.0.113.9 7000', '203.0.113.9 9000']);
  });

  it('takes the sequence of the minute, then those beside it, since each is good for once', async () => {
    const now = timeStepAt(WALL_MS);
    const net = world(stepsOf(now + 1));
    expect(await open(ONCE, net)).toMatchObject({ kind: 'open', knocks: 3 });
    expect(net.steps().map(({ step }) => step)).toEqual([now, now - 1, now + 1].flatMap((each) => stepsOf(each)));
  });

  it('says what to look at when nothing opens, and that nothing can be told of UDP', async () => {
    for (const host of [HOST, ONCE])
      expect(await problemOf(() => open(host, world(['nothing'])))).toMatchObject({ code: 'no-answer', exit: 12 });
    const unseen = await open(HOST, world(STEPS), { probePort: undefined });
    expect(unseen).toEqual({ kind: 'sent', addresses: ['203.0.113.9'], knocks: 1 });
  });

  it('says that there is no way, but not because of how a firewall answers a step', async () => {
    const net = world(STEPS);
    const openRoute = () => Promise.reject(systemError('ENETUNREACH'));
    expect((await problemOf(() => open(HOST, { ...net, io: { ...net.io, openRoute } }))).code).toBe('no-route');
    const rejecting = world(STEPS);
    const probe: SequenceIo['probe'] = async (address, port, windowMs, signal) => {
      const probed = await rejecting.io.probe(address, port, windowMs, signal);
      return probed.kind === 'refused' ? { kind: 'unreachable', code: 'EHOSTUNREACH' } : probed;
    };
    const io = { ...rejecting.io, probe };
    expect(await open(HOST, { ...rejecting, io })).toMatchObject({ kind: 'open', knocks: 1 });
  });

  describe('whose steps have conditions', () => {
    const host = (...texts: string[]): SequenceHost => ({
      ...HOST,
      sequence: { kind: 'fixed', steps: texts.map((text) => parseStep(text)) },
    });
    const gaps = (net: ReturnType<typeof world>) =>
      net.steps().map(({ atMs }, i, all) => atMs - (all[i - 1]?.atMs ?? atMs));

    it('sends packets of the least length that counts, from the ports that count', async () => {
      const net = world(['udp/1:32 from 53', 'udp/2', 'icmp:100']);
      const opened = await open(host('udp/1:length=32-40:sport=53-60', 'udp/2:length=0', 'icmp:length=100'), net);
      expect(opened).toMatchObject({ kind: 'open', knocks: 1 });
    });

    it('waits between the shortest and the longest time of a step, and away from both', async () => {
      const steps = ['udp/1', 'udp/2:after=1s', 'udp/3:within=40ms', 'udp/4:after=1s:within=1100ms'];
      const net = world(['udp/1', 'udp/2', 'udp/3', 'udp/4']);
      await open(host(...steps), net);
      expect(gaps(net)).toEqual([0, 1200, 20, 1050]);
    });

    it('counts the time behind a ping from when it has left', async () => {
      const net = world(['icmp:5', 'udp/2', 'icmp:6', 'udp/3']);
      await open(host('icmp:length=5', 'udp/2:after=100ms', 'icmp:length=6', 'udp/3:within=60ms'), net);
      expect(gaps(net)).toEqual([0, 300, 70, 10]);
    });

    it('takes another source port of the range when one is in use', async () => {
      const net = world(['udp/1 from 62', 'udp/2', 'udp/3']);
      const openRoute: SequenceIo['openRoute'] = (address, port, from) =>
        from !== undefined && from < 62
          ? Promise.reject(systemError('EADDRINUSE'))
          : net.io.openRoute(address, port, from);
      const io = { ...net.io, openRoute };
      expect(await open(host('udp/1:sport=60-70', 'udp/2', 'udp/3'), { ...net, io })).toMatchObject({ kind: 'open' });
      const refused = await problemOf(() => open(host('udp/1:sport=60-61', 'udp/2', 'udp/3'), { ...net, io }));
      expect([refused.code, refused.what]).toEqual([
        'source-port-refused',
        expect.stringContaining('udp/1:sport=60-61'),
      ]);
    });

    it.each([
      ['linux', 'tcp/1:length=41', 'on Linux 40 bytes'],
      ['darwin', 'tcp/1:length=40', 'decides how long a SYN is'],
      ['darwin', 'icmp:length=8185', 'sends 8184 bytes at most'],
      ['win32', 'icmp:length=65501', 'sends 65500 bytes at most'],
      ['darwin', 'udp/1:length=9217', 'datagrams of 9216 bytes at most'],
    ] as const)('says on %s that it cannot send %s', async (platform, step, why) => {
      const net = world([]);
      const refused = await problemOf(() => open(host('udp/9', step), { ...net, io: { ...net.io, platform } }));
      expect(refused).toMatchObject({ code: 'step-not-sent', why: expect.stringContaining(why) });
      expect(net.heard).toEqual([]);
    });

    it('says that there is no ping, or what ping says', async () => {
      const net = world([]);
      const ping = (pinged: Awaited<ReturnType<SequenceIo['ping']>>) => ({
        ...net,
        io: { ...net.io, ping: async () => pinged },
      });
      const steps = host('icmp:length=5');
      expect(await problemOf(() => open(steps, ping({ kind: 'missing' })))).toMatchObject({ code: 'program-missing' });
      const said = 'connect: Network is unreachable';
      expect(await problemOf(() => open(steps, ping({ kind: 'failed', said })))).toMatchObject({
        code: 'no-route',
        why: expect.stringContaining(said),
      });
    });
  });

  it('can be cancelled', async () => {
    const { io, clock } = world(STEPS);
    const stop = new AbortController();
    stop.abort();
    const how = { probePort: 22, force: true, timeoutMs: 8000 };
    const { code } = await problemOf(() => clock.run(openSequenceHost(HOST, undefined, how, io, stop.signal)));
    expect(code).toBe('cancelled');
  });
});
