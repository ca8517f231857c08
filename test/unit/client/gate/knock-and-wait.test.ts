import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../../../src/base/addresses.ts';
import { toBase64Url } from '../../../../src/base/bytes.ts';
import { tryClocks } from '../../../../src/client/diagnose/try-clocks.ts';
import { findWays } from '../../../../src/client/diagnose/way.ts';
import { type KnockOptions, knockAndWait } from '../../../../src/client/gate/knock-and-wait.ts';
import type { KnockIo } from '../../../../src/client/gate/knock-io.ts';
import type { Target } from '../../../../src/client/gate/target.ts';
import { FakeNetwork, ordinary, pair, problemOf, requestOf, TARGET, temporaryFolder, WALL_MS } from '../support.ts';

const USUAL: KnockOptions = { force: false, timeoutMs: 8000 };
const FOREVER = new AbortController().signal;

function network(): FakeNetwork {
  return new FakeNetwork(join(temporaryFolder(), 'ledger'));
}

function knock(net: FakeNetwork, target: Target = TARGET, options: Partial<KnockOptions> = {}, signal = FOREVER) {
  return net.clock.run(knockAndWait(target, pair, { ...USUAL, ...options }, net.io, signal));
}

describe('a knock that is heard', () => {
  it('is open at the first probe, which follows the knock at once', async () => {
    const net = network();
    net.portState = () => 'open';
    const result = await knock(net);
    expect(result).toMatchObject({ kind: 'open', address: '192.0.2.2', port: 22, afterMs: 1, knocks: 2 });
    expect(net.probes).toHaveLength(1);
    expect(net.sent.map(({ address, port }) => `${address} ${port}`)).toEqual(['192.0.2.2 443', '2001:db8::2 443']);
    expect(net.openRoutes).toBe(0);
  });

  it('tells the gate what is wanted, by its clock', async () => {
    const net = network();
    net.portState = () => 'open';
    await knock(net, { ...TARGET, ports: [{ protocol: 'tcp', port: 2222 }], duration: 90, probePort: 2222 });
    const [request] = net.sent.map(({ datagram }) => requestOf(datagram));
    expect(request).toMatchObject({ timestamp: WALL_MS, duration: 90, ports: [{ protocol: 'tcp', port: 2222 }] });
    expect(net.probes[0]?.port).toBe(2222);
  });

  it('sends nothing more once it is open', async () => {
    const net = network();
    net.portState = (_, atMs) => (atMs >= 300 ? 'open' : 'silent');
    const result = await knock(net);
    expect(result).toMatchObject({ kind: 'open', knocks: 4 });
    expect(net.sent.map(({ atMs }) => atMs)).toEqual([0, 0, 250, 250]);
  });

  it('makes a connection attempt right behind each wave, once its knocks are out', async () => {
    const net = network();
    const order: string[] = [];
    const { openRoute, probe } = net.io;
    const io: KnockIo = {
      ...net.io,
      openRoute: async (address, port) => {
        const route = await openRoute(address, port);
        const send = async (datagram: Uint8Array) => {
          await net.clock.sleep(2);
          order.push(`knock ${net.clock.monotonicMs()}`);
          await route.send(datagram);
        };
        return { ...route, send };
      },
      probe: (address, ...more) => {
        order.push(`SYN ${net.clock.monotonicMs()}`);
        return probe(address, ...more);
      },
    };
    const target = { ...TARGET, addresses: ['192.0.2.2'] };
    await problemOf(() => net.clock.run(knockAndWait(target, pair, USUAL, io, FOREVER)));
    // The first wave is out after 2 ms, from which the others are counted.
    for (const atMs of [2, 254, 754, 1754]) {
      const i = order.indexOf(`knock ${atMs}`);
      expect(order[i + 1]).toBe(`SYN ${atMs}`);
    }
    expect(net.mostProbesAtOnce).toBe(1);
  });

  it('succeeds over a slow way, and never has two probes out', async () => {
    const net = network();
    net.roundTripMs = 700;
    net.portState = (_, atMs) => (atMs >= 350 ? 'open' : 'silent');
    expect(await knock(net)).toMatchObject({ kind: 'open' });
    expect(net.mostProbesAtOnce).toBe(1);
  });
});

describe('a name with several addresses, the first of which is dead', () => {
  const MANY = ['192.0.2.6', '192.0.2.11', '192.0.2.12', '192.0.2.13'];

  it('opens at the next one that answers', async () => {
    const net = network();
    net.portState = (address) => (address === '192.0.2.11' && net.sent.length > 0 ? 'open' : 'silent');
    const result = await knock(net, { ...TARGET, addresses: MANY });
    expect(result).toMatchObject({ kind: 'open', address: '192.0.2.11', knocks: 4 });
    expect(net.sent.map(({ address }) => address)).toEqual(MANY);
    // A later knock finds the open door without another try at the dead one.
    net.probes.length = 0;
    expect(await knock(net, { ...TARGET, addresses: MANY })).toMatchObject({ address: '192.0.2.11', knocks: 0 });
    expect(net.probes.map(({ address }) => address)).toEqual(['192.0.2.11']);
  });

  it('gets one of many knocks at some addresses, and the next at the next ones', async () => {
    const net = network();
    const target = { ...TARGET, slots: 32, addresses: MANY };
    for (const onlyWave of [0, 1, 2]) await problemOf(() => knock(net, target, { timeoutMs: 1000, onlyWave }));
    const turns = [0, 1, 2, 3, 0, 1, 2, 3, 0].map((i) => MANY[i]);
    expect(net.sent.map(({ address }) => address)).toEqual(turns);
  });
});

describe('retransmission', () => {
  it('comes at 0, 250, 750 and 1750 ms, to every family, over the knock ports in turn', async () => {
    const net = network();
    await problemOf(() => knock(net, { ...TARGET, knockPorts: [1, 2, 3] }));
    const waves = net.sent.map(({ atMs, address, port }) => `${atMs} ${address} ${port}`);
    expect(waves).toEqual(
      [0, 250, 750, 1750].flatMap((at, i) => TARGET.addresses.map((to) => `${at} ${to} ${[1, 2, 3, 1][i]}`)),
    );
  });

  it('tries every knock port in the end, however many there are', async () => {
    const net = network();
    const knockPorts = [1, 2, 3, 4, 5, 6];
    await problemOf(() => knock(net, { ...TARGET, addresses: ['192.0.2.2'], knockPorts }));
    expect(net.sent.map(({ port }) => port)).toEqual(knockPorts);
  });

  it('is a new message each time: tag, key, time; with the same claim', async () => {
    const net = network();
    net.routes.set('192.0.2.2', '198.51.100.7').set('2001:db8::2', 'fe80::1');
    await problemOf(() => knock(net));
    const tags = net.sent.map(({ datagram }) => toBase64Url(datagram.subarray(0, 8)));
    const keys = net.sent.map(({ datagram }) => toBase64Url(datagram.subarray(8, 40)));
    expect(new Set(tags).size).toBe(8);
    expect(new Set(keys).size).toBe(8);
    for (const { address, datagram, atMs } of net.sent) {
      const { source, timestamp } = requestOf(datagram);
      expect(timestamp).toBe(WALL_MS + atMs);
      expect(source && formatAddress(source)).toBe(address === '192.0.2.2' ? '198.51.100.7' : undefined);
    }
  });

  it('goes on with fewer when the slots run out, and says so when there are none', async () => {
    const net = network();
    const busy = { ...TARGET, slots: 2 };
    expect(await problemOf(() => knock(net, busy))).toMatchObject({ code: 'no-answer' });
    expect(net.sent).toHaveLength(4);
    const tags = net.sent.map(({ datagram }) => toBase64Url(datagram.subarray(0, 8)));
    expect(new Set(tags).size).toBe(4);
    const again = new FakeNetwork(join(temporaryFolder(), 'ledger'));
    await again.io.ledger.takeSlots(pair, 2, ordinary(4), 0);
    expect(await problemOf(() => knock(again, busy))).toMatchObject({ code: 'slots-exhausted', exit: 12 });
    expect(again.sent).toHaveLength(0);
  });
});

describe('verdicts', () => {
  it('no answer: says what was tried, our time, and the causes in order', async () => {
    const net = network();
    const { code, exit, why, next } = await problemOf(() => knock(net));
    expect({ code, exit }).toEqual({ code: 'no-answer', exit: 12 });
    expect(why).toContain('Sent 8 knocks to 192.0.2.2, 2001:db8::2 (UDP 443, 62201), and waited 8.0 s.');
    expect(next).toMatch(
      /1\. The key.*\n.*2\. The clock: here it is 2026-11-18T11:06:53Z\..*date -u.*\n.*3\. .*UDP 443, 62201.*\n.*4\. The gate/,
    );
    expect(net.clock.monotonicMs()).toBe(8000);
  });

  it('no route: at once when nothing can be sent, with what the system said', async () => {
    const net = network();
    net.routes.set('192.0.2.2', 'ENETUNREACH').set('2001:db8::2', 'EHOSTUNREACH');
    const problem = await problemOf(() => knock(net));
    expect(problem).toMatchObject({ code: 'no-route', exit: 11, why: 'The system said ENETUNREACH, EHOSTUNREACH.' });
    expect(net.clock.monotonicMs()).toBe(0);
  });

  it('leaves out a family without a route, and goes on with the other', async () => {
    const net = network();
    net.routes.set('2001:db8::2', 'ENETUNREACH');
    net.portState = (_, atMs) => (atMs > 20 ? 'open' : 'silent');
    expect(await knock(net)).toMatchObject({ kind: 'open', knocks: 1 });
    expect(new Set(net.probes.map(({ address }) => address))).toEqual(new Set(['192.0.2.2']));
  });

  it('no route: when every address is unreachable to the end', async () => {
    const net = network();
    net.portState = () => 'unreachable';
    expect(await problemOf(() => knock(net))).toMatchObject({ code: 'no-route', exit: 11 });
    expect(net.probes.length).toBeLessThan(100);
  });

  it('port closed: when refusals go on, long before the time is up', async () => {
    const net = network();
    net.portState = () => 'refused';
    const problem = await problemOf(() => knock(net));
    expect(problem).toMatchObject({ code: 'port-closed', exit: 12 });
    expect(problem.next).toContain('If ssh is on another port, set `sshPort` of this host.');
    expect(problem.what).toBe('prod: 192.0.2.2 refuses tcp/22.');
    expect(net.clock.monotonicMs()).toBeLessThan(2000);
  });

  it('cancelled: at once, with nothing left behind', async () => {
    const net = network();
    const stop = new AbortController();
    net.clock.sleep(100).then(() => stop.abort());
    expect(await problemOf(() => knock(net, TARGET, {}, stop.signal))).toMatchObject({ code: 'cancelled', exit: 13 });
    expect(net.clock.monotonicMs()).toBe(100);
    expect(net.openRoutes).toBe(0);
  });

  it('only UDP asked for: sends every wave, probes nothing', async () => {
    const net = network();
    const result = await knock(net, { ...TARGET, ports: [{ protocol: 'udp', port: 51820 }], probePort: undefined });
    expect(result).toEqual({ kind: 'sent', addresses: TARGET.addresses, knocks: 8 });
    expect(net.probes).toHaveLength(0);
  });
});

describe('a live grant', () => {
  async function afterOneKnock(target: Target = TARGET): Promise<FakeNetwork> {
    const net = network();
    net.portState = () => 'open';
    await knock(net, target);
    net.sent.length = 0;
    return net;
  }

  it('is used without a knock', async () => {
    const net = await afterOneKnock();
    const endsMs = net.clock.wallMs() + 30_000;
    const result = await knock(net);
    expect(result).toMatchObject({ kind: 'open', knocks: 0, address: '192.0.2.2', untilMs: expect.any(Number) });
    expect(result.kind === 'open' && Math.abs((result.untilMs ?? 0) - endsMs)).toBeLessThan(1000);
    expect(net.sent).toHaveLength(0);
  });

  it('covers the port that was seen open, and no other', async () => {
    const net = await afterOneKnock();
    expect(await knock(net, { ...TARGET, ports: [{ protocol: 'tcp', port: 22 }] })).toMatchObject({ knocks: 0 });
    const other = { ...TARGET, ports: [{ protocol: 'tcp' as const, port: 80 }], probePort: 80 };
    expect(await knock(net, other)).toMatchObject({ knocks: 2 });
  });

  it('is not relied on with five seconds left', async () => {
    const net = await afterOneKnock();
    await net.clock.run(net.clock.sleep(24_900));
    expect(await knock(net)).toMatchObject({ knocks: 0 });
    await net.clock.run(net.clock.sleep(200));
    expect(await knock(net)).toMatchObject({ knocks: 2 });
  });

  it('lasts as long as was asked for', async () => {
    const net = await afterOneKnock({ ...TARGET, duration: 300 });
    await net.clock.run(net.clock.sleep(290_000));
    expect(await knock(net)).toMatchObject({ knocks: 0 });
  });

  it('does not count from another network, nor when forced', async () => {
    const net = await afterOneKnock();
    expect(await knock(net, TARGET, { force: true })).toMatchObject({ knocks: 2 });
    net.routes.set('192.0.2.2', '10.77.0.9');
    expect(await knock(net)).toMatchObject({ knocks: 2 });
  });

  it('is knocked for after all when the ledger is wrong', async () => {
    const net = await afterOneKnock();
    const startedMs = net.clock.monotonicMs();
    net.portState = (_, atMs) => (atMs > startedMs + 260 ? 'open' : 'silent');
    expect(await knock(net)).toMatchObject({ kind: 'open', knocks: 2 });
    expect(net.sent[0]?.atMs).toBe(startedMs + 250);
  });
});

describe('a global address that the network translates', () => {
  it('is named when nothing opens, and claimed in every wave', async () => {
    const net = network();
    net.routes.set('192.0.2.2', '25.1.2.3');
    const { next } = await problemOf(() => knock(net));
    expect(next).toMatch(
      /5\. The address: these knocks claimed to come from 25\.1\.2\.3\..*`claimSource` of this host to false/,
    );
  });

  it('is neither claimed nor named where the host says so, by waves, one wave or a diagnosis alike', async () => {
    const net = network();
    net.routes.set('192.0.2.2', '25.1.2.3');
    const host = { ...TARGET, claimSource: false };
    const { next } = await problemOf(() => knock(net, host));
    await problemOf(() => knock(net, host, { timeoutMs: 1000, onlyWave: 1 }));
    await net.clock.run(tryClocks({ ...host, probePort: 22 }, await reachedWays(net, host), pair, net.io, FOREVER));
    expect(next).not.toContain('25.1.2.3');
    expect(net.sent.every(({ datagram }) => requestOf(datagram).source === undefined)).toBe(true);
  });

  const reachedWays = async (net: FakeNetwork, host: Target) => {
    const ways = await findWays(host, net.io.openRoute);
    return ways.filter((way) => way.ok);
  };
});

describe('the correction of the clock', () => {
  const CORRECTION = -75_000;

  /** A network with a gate whose clock was once that far from ours, and opens to times that are this far from it now. */
  async function corrected(gateOffsetMs: number | undefined, host = 'prod') {
    const net = network();
    await net.io.ledger.learnClock(pair, host, CORRECTION, []);
    net.portState = () => (net.sent.some((sent) => isRight(told(sent))) ? 'open' : 'silent');
    const isRight = (offsetMs: number) => gateOffsetMs !== undefined && Math.abs(offsetMs - gateOffsetMs) <= 60_000;
    const told = ({ datagram, atMs }: FakeNetwork['sent'][number]) => requestOf(datagram).timestamp - WALL_MS - atMs;
    return { net, told: () => net.sent.map((sent) => [sent.atMs, told(sent)]) };
  }

  it('is added to the timestamp and to the epoch', async () => {
    const { net, told } = await corrected(CORRECTION);
    expect(await knock(net)).toMatchObject({ kind: 'open', knocks: 2 });
    expect(told()).toEqual([
      [0, CORRECTION],
      [0, CORRECTION],
    ]);
    expect(net.io.ledger.clocks(pair, 'prod')).toEqual([CORRECTION, 0]);
  });

  it('is left out at the second try: a clock that was set right since locks nobody out', async () => {
    const { net, told } = await corrected(0);
    const result = await knock(net);
    expect(result).toMatchObject({ kind: 'open' });
    expect(result.kind === 'open' && result.afterMs).toBeLessThan(1300);
    expect(told().at(-1)).toEqual([1200, 0]);
    net.sent.length = 0;
    // And from then on there is nothing to wait for.
    expect(await knock(net, TARGET, { force: true })).toMatchObject({ kind: 'open', knocks: 2 });
    expect(net.io.ledger.clocks(pair, 'prod')).toEqual([0]);
  });

  it('is left out as well where knocks of one wave come one after the other', async () => {
    const { net, told } = await corrected(0);
    for (const onlyWave of [0, 1, 2, 3, 4]) {
      const knocked = knock(net, TARGET, { timeoutMs: 1500, onlyWave });
      if (onlyWave < 4) await problemOf(() => knocked);
      else expect(await knocked).toMatchObject({ kind: 'open' });
    }
    expect(
      new Set(
        told()
          .slice(0, 8)
          .map(([, offsetMs]) => offsetMs),
      ),
    ).toEqual(new Set([CORRECTION]));
    expect(told().at(-1)?.[1]).toBe(0);
  });

  it('is left out as well where only UDP is asked for', async () => {
    const { net, told } = await corrected(undefined);
    await knock(net, { ...TARGET, ports: [{ protocol: 'udp', port: 53 }], probePort: undefined });
    expect(new Set(told().map(([, offsetMs]) => offsetMs))).toEqual(new Set([CORRECTION, 0]));
  });

  it('is not used for another host that shows the same key', async () => {
    const { net, told } = await corrected(undefined, 'newbox');
    await problemOf(() => knock(net));
    expect(new Set(told().map(([, offsetMs]) => offsetMs))).toEqual(new Set([0]));
  });

  it('is kept, and named, when neither opens', async () => {
    const { net } = await corrected(undefined);
    const { next } = await problemOf(() => knock(net));
    expect(next).toContain('this time with -75 s added');
    expect(net.clock.monotonicMs()).toBeLessThanOrEqual(8100);
    expect(net.io.ledger.clocks(pair, 'prod')).toEqual([CORRECTION, 0]);
  });
});

describe('where somebody else connects next', () => {
  const toIPv6 = { nextAddresses: async () => ['2001:db8::2'] };

  it('is what is waited for, though the other is open earlier', async () => {
    const net = network();
    net.portState = (address, atMs) => (address === '192.0.2.2' || atMs >= 250 ? 'open' : 'silent');
    expect(await knock(net, TARGET, toIPv6)).toMatchObject({ kind: 'open', address: '2001:db8::2', knocks: 4 });
  });

  it('is what a live grant must be for', async () => {
    const net = network();
    net.portState = () => 'open';
    await knock(net);
    net.sent.length = 0;
    expect(await knock(net, TARGET, toIPv6)).toMatchObject({ address: '2001:db8::2', knocks: 2 });
    expect(await knock(net, TARGET, toIPv6)).toMatchObject({ address: '2001:db8::2', knocks: 0 });
  });

  it('is left out where there is no way to it', async () => {
    const net = network();
    net.routes.set('2001:db8::2', 'ENETUNREACH');
    net.portState = () => 'open';
    expect(await knock(net, TARGET, toIPv6)).toMatchObject({ address: '192.0.2.2', afterMs: 1 });
  });
});
