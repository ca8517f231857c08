import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { DryRunFirewall } from '../../../../server-helper/firewall/dry-run.ts';
import { MemoryFirewall } from '../../../../server-helper/firewall/memory.ts';
import { parsePortRange } from '../../../../src/base/ports.ts';
import { address, FakeClock, FILE, SOURCE } from '../support.ts';

const grantOf = (seconds: number, source = SOURCE, client = 'alice') => ({
  client,
  address: source,
  ports: [parsePortRange('tcp/22'), parsePortRange('tcp/8000-8100')],
  seconds,
});

describe('the memory firewall', () => {
  it('holds a grant for its time', async () => {
    const clock = new FakeClock();
    const firewall = new MemoryFirewall(() => clock.steady());
    await firewall.grant(grantOf(30));
    clock.pass(29_001);
    expect((await firewall.list()).map(({ seconds }) => seconds)).toEqual([1, 1]);
    clock.pass(999);
    expect(await firewall.list()).toEqual([]);
  });

  it('extends a grant, and never shortens it', async () => {
    const clock = new FakeClock();
    const firewall = new MemoryFirewall(() => clock.steady());
    const left = async () => (await firewall.list()).map(({ seconds }) => seconds);
    await firewall.grant(grantOf(30));
    await firewall.grant(grantOf(10));
    expect(await left()).toEqual([30, 30]);
    clock.pass(20_000);
    await firewall.grant(grantOf(10));
    expect(await left()).toEqual([10, 10]);
    await firewall.grant(grantOf(60));
    expect(await left()).toEqual([60, 60]);
  });

  it('is not moved by a clock that is set', async () => {
    const clock = new FakeClock();
    const firewall = new MemoryFirewall(() => clock.steady());
    await firewall.grant(grantOf(30));
    clock.jump(3_600_000);
    expect(await firewall.list()).toHaveLength(2);
  });

  it('ends the grants that match', async () => {
    const firewall = new MemoryFirewall(() => 0);
    await firewall.grant(grantOf(30));
    await firewall.grant(grantOf(30, address('2001:db8::7'), 'bob'));
    expect(await firewall.revoke(({ client }) => client === 'bob')).toBe(2);
    expect((await firewall.list()).map(({ client }) => client)).toEqual(['alice', 'alice']);
    expect(await firewall.revoke(() => true)).toBe(2);
    expect(await firewall.list()).toEqual([]);
  });
});

describe('the dry run', () => {
  it('shows the commands of the real one', async () => {
    const shown: string[] = [];
    const firewall = new DryRunFirewall(
      () => 0,
      (commands) => shown.push(commands),
    );
    await firewall.arm(planOf(parseGateConfig('[gate]\nipv6_prefix = 64\n', FILE)));
    await firewall.grant(grantOf(30, address('2001:db8::7')));
    expect(shown[0]).toContain('add table inet knockgate\n');
    expect(shown[0]).toContain('gated { tcp . 22 }');
    expect(shown[1]).toBe('# alice from 2001:db8::7: tcp/22 tcp/8000-8100');
    expect(shown[2]).toContain('granted6 { 2001:db8:: . tcp . 22 timeout 30s comment "alice" }');
    expect(shown[3]).toContain('granted_tcp_8000_8100_v6 { 2001:db8:: timeout 30s');
    expect(await firewall.list()).toHaveLength(2);
  });
});
