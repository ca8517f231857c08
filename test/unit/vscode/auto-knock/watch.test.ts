import { describe, expect, it } from 'vitest';
import { type Interfaces, ownAddresses } from '../../../../src/vscode/auto-knock/network.ts';
import { TICK_MS, Watch } from '../../../../src/vscode/auto-knock/watch.ts';

const MINUTE = 60_000;

/** Network interfaces with these addresses, the first for loopback. */
function interfaces(...addresses: string[]): Interfaces {
  const at = (address: string, internal: boolean) => {
    const common = { address, netmask: '', mac: '', internal, cidr: null };
    return address.includes(':')
      ? { ...common, family: 'IPv6' as const, scopeid: 0 }
      : { ...common, family: 'IPv4' as const };
  };
  return { lo: [at('127.0.0.1', true), at('::1', true)], eth0: addresses.map((each) => at(each, false)) };
}

function watched() {
  const world = {
    nowMs: 0,
    interfaces: interfaces('192.0.2.1'),
    settings: {
      enabled: true,
      timeoutMs: 0,
      onWake: true,
      onNetworkChange: true,
      onReturn: true,
      onLostConnection: true,
      reconnect: 'reload' as const,
    },
  };
  const noticed: string[] = [];
  const watch = new Watch({
    wallMs: () => world.nowMs,
    interfaces: () => world.interfaces,
    settings: () => world.settings,
    notice: (occasion) => noticed.push(occasion),
  });
  const pass = (ms: number) => {
    world.nowMs += ms;
    watch.tick();
  };
  return { world, watch, noticed, pass };
}

describe('a window that is open', () => {
  it('has no occasion to knock while nothing happens', () => {
    const { noticed, pass } = watched();
    for (let i = 0; i < 1000; i++) pass(TICK_MS + (i % 7) * 100);
    expect(noticed).toEqual([]);
  });

  it('notices sleep by a tick that is late, once; not a busy computer, nor a clock that is set back', () => {
    const { noticed, pass } = watched();
    pass(TICK_MS + 9000);
    pass(-60 * MINUTE);
    expect(noticed).toEqual([]);
    pass(20 * MINUTE);
    pass(TICK_MS);
    expect(noticed).toEqual(['wake']);
  });

  it('notices another network, not the loss of one', () => {
    const { world, noticed, pass } = watched();
    world.interfaces = interfaces();
    pass(TICK_MS);
    expect(noticed).toEqual([]);
    world.interfaces = interfaces('198.51.100.7');
    pass(TICK_MS);
    pass(TICK_MS);
    expect(noticed).toEqual(['network']);
  });

  it('notices the same network when it comes back', () => {
    const { world, noticed, pass } = watched();
    world.interfaces = interfaces();
    pass(TICK_MS);
    world.interfaces = interfaces('192.0.2.1');
    pass(TICK_MS);
    expect(noticed).toEqual(['network']);
  });

  it('notices waking in another network as one thing', () => {
    const { world, noticed, pass } = watched();
    world.interfaces = interfaces('198.51.100.7');
    pass(60 * MINUTE);
    pass(TICK_MS);
    expect(noticed).toEqual(['wake']);
  });

  it('notices the return of a person who was away for long', () => {
    const { world, watch, noticed } = watched();
    watch.focus(true);
    watch.focus(false);
    world.nowMs += 9 * MINUTE;
    watch.focus(true);
    watch.focus(false);
    world.nowMs += 6 * MINUTE;
    watch.focus(false);
    world.nowMs += 6 * MINUTE;
    expect(noticed).toEqual([]);
    watch.focus(true);
    watch.focus(true);
    expect(noticed).toEqual(['return']);
  });

  it.each(['enabled', 'onWake', 'onNetworkChange', 'onReturn'] as const)('leaves out what %s turns off', (name) => {
    const { world, watch, noticed, pass } = watched();
    world.settings = { ...world.settings, [name]: false };
    pass(20 * MINUTE);
    world.interfaces = interfaces('198.51.100.7');
    pass(TICK_MS);
    watch.focus(false);
    world.nowMs += 20 * MINUTE;
    watch.focus(true);
    const all = { onWake: 'wake', onNetworkChange: 'network', onReturn: 'return' };
    expect(noticed).toEqual(
      name === 'enabled' ? [] : Object.values({ ...all, [name]: '' }).filter((each) => each !== ''),
    );
  });
});

describe('the own addresses', () => {
  it.each([
    [[], ''],
    [['169.254.3.4', 'fe80::1'], ''],
    [['192.0.2.1', '2001:db8::1'], '192.0.2.1 2001:db8::1'],
    [['2001:db8::1', '192.0.2.1', 'fe80::1'], '192.0.2.1 2001:db8::1'],
  ])('of %j are %j', (addresses, text) => {
    expect(ownAddresses(interfaces(...addresses))).toBe(text);
  });
});
