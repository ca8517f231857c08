import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { waitForPort } from '../../../../src/client/network/wait.ts';
import { FakeNetwork, temporaryFolder } from '../support.ts';

const FOREVER = new AbortController().signal;

function network(): FakeNetwork {
  return new FakeNetwork(join(temporaryFolder(), 'ledger.json'));
}

function wait(
  net: FakeNetwork,
  addresses: readonly string[],
  deadlineMs = 8000,
  signal = FOREVER,
  ahead: readonly string[] = [],
) {
  return net.clock.run(waitForPort(addresses, 22, deadlineMs, net.io, signal, ahead));
}

describe('waiting for the port', () => {
  it('probes with growing windows, each below the second after which the system repeats its SYN', async () => {
    const net = network();
    expect(await wait(net, ['192.0.2.2'])).toEqual({ kind: 'silent' });
    const windows = net.probes.map(({ windowMs }) => windowMs);
    expect(windows.slice(0, 8)).toEqual([8, 16, 32, 64, 128, 256, 512, 900]);
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

describe('with an address ahead', () => {
  const BOTH = ['192.0.2.2', '2001:db8::2'];
  const waitAhead = (net: FakeNetwork) => wait(net, BOTH, 8000, FOREVER, ['2001:db8::2']);

  it('waits for it though the other is open a moment earlier, and makes no connection to the other', async () => {
    const net = network();
    net.portState = (address, atMs) => (address === '192.0.2.2' || atMs > 30 ? 'open' : 'silent');
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
