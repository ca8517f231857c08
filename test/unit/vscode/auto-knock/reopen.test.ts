import { describe, expect, it } from 'vitest';
import { Reopen } from '../../../../src/vscode/auto-knock/reopen.ts';
import type { Door } from '../../../../src/vscode/knock/doors.ts';
import { systemError } from '../../client/support.ts';
import { DOOR, FakeComputer } from '../support.ts';

/** A window to a host, on a computer before a gate that opens for half a minute at each knock. */
function remoteWindow() {
  const computer = new FakeComputer();
  const { network, clock } = computer;
  const grantedSince = (atMs: number) => network.sent.some((knock) => knock.atMs <= atMs && atMs < knock.atMs + 30_000);
  network.portState = (_, atMs) => (grantedSince(atMs) ? 'open' : 'silent');
  const world: { isOffline: boolean; door: Door | undefined } = { isOffline: false, door: DOOR };
  const openRoute: typeof network.io.openRoute = (address, port) => {
    if (world.isOffline) return Promise.reject(systemError('ENETUNREACH'));
    return network.io.openRoute(address, port);
  };
  const window = computer.window({ openRoute });
  const reopen = new Reopen({ ...window, clock, door: () => world.door });
  const wait = (ms: number) => clock.run(clock.sleep(ms));
  return { ...window, network, world, reopen, wait };
}

describe('a door that should be open again', () => {
  it('is knocked at when its grant has run out', async () => {
    const { network, reopen, states, wait } = remoteWindow();
    reopen.want('wake');
    await wait(1000);
    expect(states.get('prod').kind).toBe('open');
    await wait(60_000);
    expect(states.get('prod').kind).toBe('closed');
    reopen.want('wake');
    await wait(1000);
    expect(states.get('prod').kind).toBe('open');
    expect(network.sent).toHaveLength(2);
  });

  it('is not knocked at while its grant is good', async () => {
    const { network, reopen, wait } = remoteWindow();
    for (const occasion of ['wake', 'network', 'return'] as const) {
      reopen.want(occasion);
      await wait(1000);
    }
    expect(network.sent).toHaveLength(1);
  });

  it('is knocked at from another address though the grant is good', async () => {
    const { network, reopen, wait } = remoteWindow();
    reopen.want('network');
    await wait(1000);
    network.routes.set('192.0.2.2', '10.9.9.9');
    reopen.want('network');
    await wait(1000);
    expect(network.sent).toHaveLength(2);
  });

  it('is tried again until the network is up', async () => {
    const { network, world, reopen, states, wait } = remoteWindow();
    world.isOffline = true;
    reopen.want('wake');
    await wait(3000);
    expect(states.get('prod')).toMatchObject({ kind: 'failed', problem: { code: 'no-route' } });
    world.isOffline = false;
    await wait(3000);
    expect(states.get('prod').kind).toBe('open');
    expect(network.sent).toHaveLength(1);
  });

  it('is given up at last, and where trying again would not help', async () => {
    const { network, world, reopen, log, wait } = remoteWindow();
    world.isOffline = true;
    reopen.want('wake');
    await wait(120_000);
    expect(log.lines.filter((line) => line.startsWith('no-route'))).toHaveLength(5);
    world.isOffline = false;
    network.portState = () => 'silent';
    reopen.want('network');
    await wait(120_000);
    expect(network.sent).toHaveLength(4);
  });

  it('is tried anew when something new happens meanwhile', async () => {
    const { network, reopen, states, log, wait } = remoteWindow();
    const { portState } = network;
    network.portState = () => 'silent';
    reopen.want('wake');
    await wait(3000);
    expect(states.get('prod').kind).toBe('knocking');
    network.portState = portState;
    network.sent.length = 0;
    reopen.want('network');
    await wait(1000);
    expect(states.get('prod').kind).toBe('open');
    expect(log.lines.join()).toContain('(network)');
  });

  it('is let be where no host is known, and when the window is closed', async () => {
    const { network, world, reopen, wait } = remoteWindow();
    world.door = undefined;
    reopen.want('wake');
    await wait(20_000);
    world.door = DOOR;
    reopen.want('wake');
    reopen.dispose();
    await wait(20_000);
    expect(network.sent).toEqual([]);
  });
});
