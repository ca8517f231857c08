import { describe, expect, it } from 'vitest';
import type { RequestedPort } from '../../../../src/base/ports.ts';
import { type Host, hostOfGate } from '../../../../src/client/gate/host.ts';
import { findTarget } from '../../../../src/client/gate/target.ts';
import type { Resolve } from '../../../../src/client/network/resolve.ts';
import { FakeClock, pair, problemOf, systemError } from '../support.ts';

const GATE = { key: pair.gatePublic, slots: 16, addresses: ['gate.example'], knockPorts: [443, 62201], name: 'gate' };
const HOST = hostOfGate('prod', GATE, undefined);
const NAMES: Record<string, readonly string[]> = {
  'gate.example': ['2001:db8::2', '192.0.2.2', '192.0.2.3', '2001:db8::3'],
  'other.example': ['192.0.2.9'],
};
const resolveNames: Resolve = async (name) => {
  const found = NAMES[name];
  if (found === undefined) throw systemError('ENOTFOUND');
  return found;
};

function find(host: Host, ports: readonly RequestedPort[] = [], resolve = resolveNames, stop = new AbortController()) {
  const clock = new FakeClock();
  return clock.run(findTarget(host, ports, { resolve, clock }, stop.signal));
}

describe('where to knock', () => {
  it('is every address of the name, in the order of the system', async () => {
    expect((await find(HOST)).addresses).toEqual(['2001:db8::2', '192.0.2.2', '192.0.2.3', '2001:db8::3']);
  });

  it('is no more than eight addresses of a name, of each family one at least', async () => {
    const count = (most: number) => Array.from({ length: most }, (_, i) => `192.0.2.${i + 1}`);
    const many = async () => [...count(20), '2001:db8::2', '2001:db8::3'];
    expect((await find({ ...HOST, gate: { ...GATE, slots: 32 } }, [], many)).addresses).toEqual([
      ...count(7),
      '2001:db8::2',
    ]);
    expect((await find(HOST, [], async () => count(20))).addresses).toEqual(count(8));
  });

  it('is as many addresses of a name as the gate has single-use tags for', async () => {
    const few = { ...HOST, gate: { ...GATE, slots: 8 } };
    const five = async () => ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'];
    expect((await find(few, [], five)).addresses).toEqual((await five()).slice(0, 4));
  });

  it('is every literal address of the gate, written one way, none twice', async () => {
    const addresses = ['192.0.2.5', '192.0.2.6', '2001:DB8:0::5', '2001:db8::5'];
    const target = await find({ ...HOST, gate: { ...GATE, addresses } });
    expect(target.addresses).toEqual(['192.0.2.5', '192.0.2.6', '2001:db8::5']);
  });

  it('is the configured address and ports rather than those of the line', async () => {
    const target = await find({ ...HOST, address: 'other.example', knockPorts: [53] });
    expect(target).toMatchObject({ addresses: ['192.0.2.9'], knockPorts: [53], slots: 16 });
  });

  it.each([
    ['22 where nothing else is known', {}, [], 22],
    ['that of its ssh', { sshPort: 2222 }, [], 2222],
    ['the TCP port that is asked for', { sshPort: 2222 }, [{ protocol: 'tcp', port: 443 }], 443],
    ['none where only UDP is asked for', { sshPort: 2222 }, [{ protocol: 'udp', port: 443 }], undefined],
  ] as const)('is waited for at %s', async (_, fields, ports, probePort) => {
    expect((await find({ ...HOST, ...fields }, ports)).probePort).toBe(probePort);
  });

  it('does without a name that does not resolve while another does', async () => {
    const gate = { ...GATE, addresses: ['nowhere.example', 'other.example'] };
    expect((await find({ ...HOST, gate })).addresses).toEqual(['192.0.2.9']);
  });

  it('is nowhere when no name resolves: says which, and why', async () => {
    const problem = await problemOf(() => find({ ...HOST, address: 'nowhere.example' }));
    expect(problem).toMatchObject({ code: 'name-not-found', exit: 10 });
    expect(`${problem.what} ${problem.why}`).toMatch(/"nowhere\.example".*ENOTFOUND/);
  });

  it('is not waited for when the resolver hangs, nor after Ctrl-C', async () => {
    const hangs: Resolve = () => new Promise(() => {});
    expect(await problemOf(() => find(HOST, [], hangs))).toMatchObject({ code: 'name-not-found' });
    const stop = new AbortController();
    stop.abort();
    expect(await problemOf(() => find(HOST, [], hangs, stop))).toMatchObject({ code: 'cancelled', exit: 13 });
  });
});

describe('what to wait for', () => {
  const tcp = (port: number): RequestedPort => ({ protocol: 'tcp', port });
  const udp = (port: number): RequestedPort => ({ protocol: 'udp', port });
  it.each([
    [[], 22],
    [[tcp(2222), tcp(22)], 2222],
    [[udp(51820), tcp(80)], 80],
    [[udp(51820)], undefined],
  ])('with %j asked for: %s', async (ports, probePort) => {
    expect((await find(HOST, ports)).probePort).toBe(probePort);
  });
});
