import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../rig/deployment.ts';
import { Installed } from './installed.ts';

/** The tables of a listing. A table with `flags owner`, as firewalld of Debian 13 makes it, cannot be flushed by anybody else. */
const tables = (listing: string) => listing.split(/^(?=table )/m).filter((table) => table.trim() !== '');

/** Rules of a container engine for a published port, in its own words. */
const CONTAINERS = `
table ip nat {
  chain DOCKER { iifname "docker0" counter return; iifname != "docker0" tcp dport 8080 counter dnat to 172.17.0.2:80; }
  chain PREROUTING { type nat hook prerouting priority dstnat; policy accept; fib daddr type local counter jump DOCKER; }
  chain POSTROUTING { type nat hook postrouting priority srcnat; policy accept; ip saddr 172.17.0.0/16 oifname != "docker0" counter masquerade; }
}
table ip filter {
  chain DOCKER-USER { counter return; }
  chain FORWARD { type filter hook forward priority filter; policy drop; counter jump DOCKER-USER; oifname "docker0" ct state established,related counter accept; }
}
`;

interface Firewall {
  name: string;
  /** Puts it in force, with ssh let in. */
  setUp: string;
  /** Has it read its rules again. */
  reload: string;
  /** Has it put its rules in force again, once somebody has flushed them. */
  again: string;
  /** Shuts ssh with it, and lets it in again. */
  shut: string;
  open: string;
  /** Takes it out of force. */
  tearDown: string;
}

const FIREWALLS: Firewall[] = [
  {
    name: 'ufw',
    setUp: 'ufw allow 22/tcp && ufw --force enable',
    reload: 'ufw reload',
    again: 'ufw reload',
    shut: 'ufw delete allow 22/tcp',
    open: 'ufw allow 22/tcp',
    tearDown: 'ufw --force disable',
  },
  {
    name: 'firewalld',
    setUp: 'systemctl start firewalld && firewall-cmd --permanent --add-service=ssh && firewall-cmd --reload',
    reload: 'firewall-cmd --reload && firewall-cmd --complete-reload',
    again: 'systemctl restart firewalld',
    shut: 'firewall-cmd --remove-service=ssh',
    open: 'firewall-cmd --add-service=ssh',
    tearDown: 'systemctl stop firewalld',
  },
  {
    name: 'rules of a container engine',
    setUp: `nft -f - <<'END'\n${CONTAINERS}\nEND`,
    reload: `nft delete table ip nat; nft delete table ip filter; nft -f - <<'END'\n${CONTAINERS}\nEND`,
    again: `nft -f - <<'END'\n${CONTAINERS}\nEND`,
    shut: "nft add table inet other '{ chain input { type filter hook input priority 0; tcp dport 22 drop; }; }'",
    open: 'nft delete table inet other',
    tearDown: 'nft delete table ip nat; nft delete table ip filter',
  },
];

describe.each(FIREWALLS)('beside $name', ({ setUp, reload, again, shut, open, tearDown }) => {
  let gate: Installed;
  let before: string;
  const sh = (command: string) => gate.target.must(['sh', '-c', command], { timeout: 60_000 });
  /** Everything but our table, without counts. */
  const theirs = async () =>
    (await sh('nft -s list ruleset')).replace(/^table inet knockgate \{\n(?:[^}\n].*\n|\n|\t.*\n)*\}\n/m, '');

  beforeAll(async () => {
    gate = await Installed.make({ name: 'fw', kind: 'firewalls' });
    await sh(setUp);
    before = await theirs();
    await gate.daemon('trial', '600');
    await sh('systemctl start knockgate');
  });

  afterAll(async () => {
    if (gate) await sh(tearDown).catch(() => {});
    await gate?.end();
  });

  it('leaves the other rules as they were, to the byte', async () => {
    expect(before.length).toBeGreaterThan(500);
    expect(await sh('nft list tables')).toContain('inet knockgate');
    expect(await theirs()).toBe(before);
    expect(await gate.isOpen()).toBe(false);
    expect(await gate.knock()).toBe(true);
    expect(await theirs()).toBe(before);
    await gate.shut();
  });

  it('opens nothing that the other keeps shut', async () => {
    await sh(shut);
    expect(await gate.knock()).toBe(false);
    expect(await gate.daemon('list')).toContain('tcp/22');
    await sh(open);
    await gate.shut();
    expect(await gate.knock()).toBe(true);
    await gate.shut();
  });

  it('outlives a reload of the other', async () => {
    const { restored } = await gate.status();
    await sh(reload);
    expect(await gate.isOpen()).toBe(false);
    expect(await gate.knock()).toBe(true);
    expect((await gate.status()).restored).toBe(restored);
    expect(await theirs()).toBe(before);
    await gate.shut();
  });

  it('puts back its own table and no other when somebody flushes the ruleset, and is not in the way of the other', async () => {
    await sh('nft flush ruleset');
    await until('the gate to hide its ports again', async () => !(await gate.isOpen()), 30_000);
    await gate.untilKnockable(performance.now());
    expect(tables(await theirs()).filter((table) => !table.includes('flags owner'))).toEqual([]);
    await sh(again);
    // It may say that it has started before it has; and chains that were gone come in another order.
    const lines = (rules: string) => rules.split('\n').sort().join('\n');
    const isAgain = async () => lines(await theirs()) === lines(before);
    await until('its previous rules', isAgain, 30_000);
    await gate.shut();
    expect(await gate.isOpen()).toBe(false);
    expect(await gate.knock()).toBe(true);
    await gate.shut();
  });

  it('goes and leaves the other rules as they were', async () => {
    const now = await theirs();
    await sh('dpkg --purge knockgate');
    expect(await sh('nft -s list ruleset')).toBe(now);
  });
});
