import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Departures } from '../../../../src/client/network/departures.ts';
import { waitForPort } from '../../../../src/client/network/wait.ts';
import { FakeNetwork, temporaryFolder } from '../support.ts';

const FOREVER = new AbortController().signal;

function network(): FakeNetwork {
  return new FakeNetwork(join(temporaryFolder(), 'ledger'));
}

function wait(
  net: FakeNetwork,
  addresses: readonly string[],
  deadlineMs = 8000,
  signal = FOREVER,
  ahead: readonly string[] = [],
) {
  return net.clock.run(waitForPort(addresses, 22, deadlineMs, net.io, signal, { ahead }));
}

describe('waiting for the port', () => {
  it('probes with growing windows, each below the second after which the system repeats its SYN', async () => {
    const net = network();
    expect(await wait(net, ['192.0.2.2'])).toEqual({ kind: 'silent' });
    const windows = net.probes.map(({ windowMs }) => windowMs);
    expect(windows.slice(0, 9)).toEqual([4, 4, 16, 32, 64, 128, 256, 512, 900]);
    expect(net.probes[0]?.atMs).toBe(0);
    expect(Math.max(...windows)).toBe(900);
    expect(net.clock.monotonicMs()).toBe(8000);
    expect(net.mostProbesAtOnce).toBe(1);
  });

  it('takes the addresses in turn, and stops at the first success', async () => {
    const net = network();
    net.portState = (address, atMs) => (address === '2001:db8::2' && atMs > 30 ? 'open' : 'silent');
    const waited = await wait(net, ['192.0.2.2', '2001:db8::2']);
    expect(waited).toMatchObject({ kind: 'open', address: '2001:db8::2', port: 22 });
    const [first, second] = net.probes.map(({ address }) => address);
    expect([first, second]).toEqual(['192.0.2.2', '2001:db8::2']);
    expect(net.probes.at(-1)?.address).toBe('2001:db8::2');
    expect(net.mostProbesAtOnce).toBe(1);
  });

  it('does not hurry when answers come at once', async () => {
    const net = network();
    net.roundTripMs = 0;
    net.portState = () => 'unreachable';
    expect(await wait(net, ['192.0.2.2'])).toEqual({ kind: 'unreachable', codes: ['EHOSTUNREACH'] });
    expect(net.probes.length).toBeLessThan(20);
  });

  it('outlasts a firewall that refuses until it opens', async () => {
    const net = network();
    net.portState = (_, atMs) => (atMs > 600 ? 'open' : 'refused');
    expect(await wait(net, ['192.0.2.2'])).toMatchObject({ kind: 'open' });
  });

  it('goes on while one address is merely silent, and names the one that refuses', async () => {
    const net = network();
    net.portState = (address) => (address === '192.0.2.2' ? 'silent' : 'refused');
    expect(await wait(net, ['192.0.2.2', '192.0.2.3'])).toEqual({ kind: 'refused', address: '192.0.2.3' });
    expect(net.clock.monotonicMs()).toBe(8000);
  });

  it('ends at once when told to', async () => {
    const net = network();
    const stop = new AbortController();
    net.clock.sleep(500).then(() => stop.abort());
    expect(await wait(net, ['192.0.2.2'], 8000, stop.signal)).toEqual({ kind: 'silent' });
    expect(net.clock.monotonicMs()).toBe(500);
  });
});

describe('with knocks that go out meanwhile', () => {
  /** Knocks at these times, and waits for the port. Sending each knock takes the given time. */
  function knockAndWait(net: FakeNetwork, addresses: readonly string[], dueMs: readonly number[], sendingMs = 1) {
    const departures = new Departures(dueMs);
    const send = async () => {
      for (const atMs of dueMs) {
        await net.clock.sleep(atMs + sendingMs - net.clock.monotonicMs());
        departures.leave();
      }
    };
    const waiting = waitForPort(addresses, 22, 8000, net.io, FOREVER, { departures });
    return net.clock.run(Promise.all([waiting, send()]).then(([waited]) => waited));
  }
  const WAVES_MS = [250, 750, 1750];
  const startsOf = (net: FakeNetwork) => net.probes.map(({ atMs }) => atMs);

  it('makes an attempt right behind each of them, and never two at once', async () => {
    const net = network();
    await knockAndWait(net, ['192.0.2.2'], WAVES_MS);
    const first = [0, 4, 8, 24, 56, 120];
    const later = [251, 751, 1751].map((leftMs) => [0, 4, 8, 24].map((afterMs) => leftMs + afterMs));
    const starts = startsOf(net);
    for (const attempts of [first, ...later])
      expect(starts.slice(starts.indexOf(attempts[0] ?? -1)).slice(0, attempts.length)).toEqual(attempts);
    expect(net.mostProbesAtOnce).toBe(1);
  });

  it('has none ready to be cut off when a knock is sent a little late', async () => {
    const net = network();
    await knockAndWait(net, ['192.0.2.2'], WAVES_MS, 9);
    expect(startsOf(net).slice(5, 8)).toEqual([120, 259, 263]);
  });

  it('goes on in turn when a knock is sent much too late', async () => {
    const net = network();
    await knockAndWait(net, ['192.0.2.2'], WAVES_MS, 240);
    expect(startsOf(net).slice(5, 9)).toEqual([120, 270, 490, 494]);
  });

  it('outlasts a round trip of a third of a second behind the second knock', async () => {
    const net = network();
    net.roundTripMs = 333;
    net.portState = () => 'open';
    expect(await knockAndWait(net, ['192.0.2.2'], WAVES_MS)).toMatchObject({ kind: 'open' });
    expect(net.probes.at(-1)?.atMs).toBe(275);
  });

  it.each([2, 8])('gives each of %i addresses its turn between two of them', async (count) => {
    const net = network();
    const addresses = Array.from({ length: count }, (_, i) => `192.0.2.${i + 1}`);
    await knockAndWait(net, addresses, WAVES_MS);
    for (const [fromMs, untilMs] of [
      [0, 250],
      [251, 750],
      [751, 1750],
    ] as const) {
      const between = net.probes.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
      expect(new Set(between.map(({ address }) => address))).toEqual(new Set(addresses));
      // Every address got the same longest attempt.
      const longest = addresses.map((each) =>
        Math.max(...between.filter(({ address }) => address === each).map(({ windowMs }) => windowMs)),
      );
      expect(Math.max(...longest) - Math.min(...longest)).toBeLessThan(1);
    }
    expect(net.probes.filter(({ atMs }) => [0, 251, 751, 1751].includes(atMs)).map(({ address }) => address)).toEqual(
      Array.from({ length: 4 }, () => '192.0.2.1'),
    );
    expect(net.mostProbesAtOnce).toBe(1);
  });

  it('sees a port that goes on refusing', async () => {
    const net = network();
    net.portState = () => 'refused';
    expect(await knockAndWait(net, ['192.0.2.2'], WAVES_MS)).toEqual({ kind: 'refused', address: '192.0.2.2' });
  });
});

describe('with an address ahead', () => {
  const BOTH = ['192.0.2.2', '2001:db8::2'];
  const waitAhead = (net: FakeNetwork) => wait(net, BOTH, 8000, FOREVER, ['2001:db8::2']);

  it('waits for it though the other is open a moment earlier, and makes no connection to the other', async () => {
    const net = network();
    net.portState = (address, atMs) => (address === '192.0.2.2' || atMs >= 24 ? 'open' : 'silent');
    expect(await waitAhead(net)).toMatchObject({ kind: 'open', address: '2001:db8::2' });
    expect(new Set(net.probes.map(({ address }) => address))).toEqual(new Set(['2001:db8::2']));
  });

  it('outlasts a lost knock, and then takes the other', async () => {
    const net = network();
    net.portState = (address) => (address === '192.0.2.2' ? 'open' : 'silent');
    expect(await waitAhead(net)).toMatchObject({ kind: 'open', address: '192.0.2.2' });
    expect(net.clock.monotonicMs()).toBeGreaterThan(500);
    expect(net.clock.monotonicMs()).toBeLessThan(1100);
  });

  it.each(['refused', 'unreachable'] as const)('takes the other at once where it is %s', async (state) => {
    const net = network();
    net.portState = (address) => (address === '192.0.2.2' ? 'open' : state);
    expect(await waitAhead(net)).toMatchObject({ kind: 'open', address: '192.0.2.2' });
    expect(net.clock.monotonicMs()).toBeLessThan(20);
  });
});
