import { describe, expect, it } from 'vitest';
import { answer, type Question } from '../../../../server-helper/answer/answer.ts';
import { Activity } from '../../../../server-helper/audit/activity.ts';
import { ExitCode } from '../../../../src/base/problem.ts';
import { startedScene } from '../daemon/support.ts';
import { ALICE, loadedFrom, problemOf, SHORTEST } from '../support.ts';

async function handled(settings = '', skipped: readonly string[] = []) {
  const scene = await startedScene(`[gate]\n${settings}\n${SHORTEST.slice(7)}`);
  const { gate, firewall, clock, entries } = scene;
  const audit = (entry: (typeof entries)[number]) => entries.push(entry);
  const activity = new Activity();
  return {
    ...scene,
    activity,
    handle: (question: Question) => answer({ gate, firewall, audit, activity, clock, skipped }, question),
  };
}

const grant = (address: string, ports: string[] = [], seconds?: number) =>
  ({ command: 'grant', address, ports, ...(seconds === undefined ? {} : { seconds }) }) as const;

describe('activity', () => {
  it('is below a megabyte in a month in which much happens, and names who came last', async () => {
    const { handle, activity, clock } = await handled();
    const reasons = Array.from({ length: 10 }, (_, n) => `destination-mismatch${n}`.slice(-20));
    for (let hour = 0; hour < 720; hour += 1)
      for (const reason of reasons) activity.note({ event: 'refused', reason, count: 10_000 }, hour * 3_600_000);
    for (let n = 0; n < 3000; n += 1) {
      const source = `2001:db8:1234:5678:1234:5678:9abc:${n.toString(16).padStart(4, '1')}`;
      activity.note({ event: 'granted', client: `${n}`.padEnd(63, 'x'), source }, clock.wall());
    }
    const text = JSON.stringify(await handle({ command: 'activity' }));
    expect(text.length).toBeLessThan(1_000_000);
    const { hours, visitors } = JSON.parse(text);
    expect(hours).toHaveLength(7201);
    expect(visitors.at(-1).client).toMatch(/^2999x/);
    expect(visitors.length).toBeGreaterThan(900);
  });
});

describe('status', () => {
  it('says how the gate is', async () => {
    const { handle, clock, knock } = await handled();
    await knock(ALICE.seal(clock.wall(), 1));
    expect(await handle({ command: 'status' })).toEqual({
      pid: process.pid,
      armed: new Date(clock.wall() - 1000).toISOString(),
      trial: null,
      previous_key: null,
      hides: ['tcp/22'],
      shown_now: null,
      knock_ports: [443, 62201],
      clients: 1,
      grants: 1,
      capture: 'listening',
      state: 'durable',
      restored: 0,
      lead_seconds: 0,
      skipped: null,
      packets: { received: 1, unmatched: 0, refused: 0, granted: 1 },
      kernel: {},
      time: new Date(clock.wall()).toISOString(),
    });
  });

  it('says until when the key before a rotation is good, and that it is there after that', async () => {
    const { handle, gate, clock } = await handled();
    const until = clock.wall() + 1000;
    await gate.reload({ ...loadedFrom(`[gate]\n\n${SHORTEST.slice(7)}`), previousKeyUntil: until });
    const previous_key = { until: new Date(until).toISOString(), state: 'good' };
    expect(await handle({ command: 'status' })).toMatchObject({ previous_key });
    clock.pass(1000);
    expect(await handle({ command: 'status' })).toMatchObject({ previous_key: { ...previous_key, state: 'over' } });
  });

  it('says what the gate goes without', async () => {
    const faults = ['[[fwknop]] phones: no key', 'fwknop_port 62201: taken'];
    const { handle } = await handled('', faults);
    expect(await handle({ command: 'status' })).toMatchObject({ skipped: faults });
  });

  it('says what is lost', async () => {
    const { handle, capture } = await handled();
    capture.events?.lost('tcpdump ended');
    expect(await handle({ command: 'status' })).toMatchObject({ capture: 'lost' });
  });
});

describe('grant', () => {
  it('opens all that is hidden for the usual time, and is written down', async () => {
    const { handle, entries } = await handled('ports = ["tcp/22", "tcp/8000-8100"]');
    expect(await handle(grant('198.51.100.7'))).toEqual({
      address: '198.51.100.7',
      ports: ['tcp/22', 'tcp/8000-8100'],
      seconds: 30,
    });
    expect(entries.at(-1)).toEqual({
      event: 'granted',
      client: 'by hand',
      source: '198.51.100.7',
      ports: ['tcp/22', 'tcp/8000-8100'],
      seconds: 30,
    });
    expect(await handle({ command: 'list' })).toEqual([
      { client: 'by hand', address: '198.51.100.7', port: 'tcp/22', seconds: 30 },
      { client: 'by hand', address: '198.51.100.7', port: 'tcp/8000-8100', seconds: 30 },
    ]);
  });

  it('opens what is asked for, single ports of a range too', async () => {
    const { handle } = await handled('ports = ["tcp/*"]');
    expect(await handle(grant('2001:DB8::7', ['tcp/80', 'tcp/*'], 300))).toEqual({
      address: '2001:db8::7',
      ports: ['tcp/80', 'tcp/*'],
      seconds: 300,
    });
  });

  it.each([
    ['a port that is not hidden', grant('198.51.100.7', ['tcp/80']), 'tcp/80 is not among the ports'],
    ['a range that the table has no set for', grant('198.51.100.7', ['tcp/8000-8001']), 'tcp/8000-8001 is not among'],
    ['a port that is none', grant('198.51.100.7', ['ssh']), '"ssh" is invalid'],
    ['a name', grant('example.org'), '"example.org" is invalid'],
    ['a network', grant('198.51.100.0/24'), 'is invalid'],
    ['loopback', grant('127.0.0.1'), 'is invalid'],
    ['multicast', grant('ff02::1'), 'is invalid'],
    ['no time', grant('198.51.100.7', [], 0), '"0" is invalid'],
    ['half a second', grant('198.51.100.7', [], 0.5), '"0.5" is invalid'],
    ['more than the longest', grant('198.51.100.7', [], 301), '"301" is invalid'],
    ['less than nothing', grant('198.51.100.7', [], -30), '"-30" is invalid'],
  ])('refuses %s', async (_, request, said) => {
    const { handle, firewall, entries } = await handled('ports = ["tcp/22", "tcp/8000-8100"]');
    const problem = await problemOf(() => handle(request));
    expect(problem.exit).toBe(ExitCode.usage);
    expect(problem.what).toContain(said);
    expect(await firewall.list()).toEqual([]);
    expect(entries).toHaveLength(1);
  });

  it('is not written down when the firewall did not take it', async () => {
    const { handle, firewall, entries } = await handled();
    firewall.failing = 'grant';
    await expect(handle(grant('198.51.100.7'))).rejects.toThrow('grant does not work');
    expect(entries).toHaveLength(1);
  });
});

describe('revoke', () => {
  const addresses = ['198.51.100.7', '198.51.100.8', '2001:db8::7'];
  const opened = async () => {
    const scene = await handled();
    for (const address of addresses) await scene.handle(grant(address));
    await scene.knock(ALICE.seal(scene.clock.wall(), 1));
    return scene;
  };

  it.each([
    ['198.51.100.8', 1],
    ['198.51.100.0/24', 2],
    ['2001:db8::/32', 1],
    ['2001:0db8:0:0::7', 1],
    ['0.0.0.0/0', 2],
    ['alice', 1],
    ['by hand', 2],
    ['nobody', 0],
    ['192.0.2.1', 0],
    ['', 0],
  ])('of %j ends what matches', async (whom, ended) => {
    const { handle, entries } = await opened();
    expect(await handle({ command: 'revoke', whom })).toEqual({ ended });
    expect(entries.at(-1)).toEqual({
      event: 'revoked',
      detail: `${ended} ${ended === 1 ? 'grant' : 'grants'} of ${whom}`,
    });
  });

  it('of a network that is none is refused', async () => {
    const { handle } = await opened();
    for (const whom of ['198.51.100.7/33', '198.51.100.7/24', '198.51.100.7/'])
      expect(await problemOf(() => handle({ command: 'revoke', whom }))).toMatchObject({ code: 'bad-text' });
  });

  it('of all is flush', async () => {
    const { handle, entries } = await opened();
    expect(await handle({ command: 'flush' })).toEqual({ ended: 3 });
    expect(entries.at(-1)).toEqual({ event: 'revoked', detail: '3 grants of everybody' });
    expect(await handle({ command: 'list' })).toEqual([]);
  });
});
