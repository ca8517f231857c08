import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { withDecoys } from '../../../../server-helper/decoy/rules.ts';
import { renderBoot } from '../../../../server-helper/firewall/boot-script.ts';
import type { SequencePlan } from '../../../../server-helper/firewall/firewall.ts';
import { renderArmedAnew } from '../../../../server-helper/firewall/sequences.ts';
import { renderGated, renderTable } from '../../../../server-helper/firewall/table.ts';
import { renderSequences } from '../../../../server-helper/sequence/render.ts';
import { SequencePlanter } from '../../../../server-helper/sequence/tree.ts';
import { parseNetwork } from '../../../../src/base/addresses.ts';
import { ALICE, FILE } from '../support.ts';

const plan = (settings: string, client = '') => {
  const text = `[gate]\n${settings}\n${client === '' ? '' : `[[client]]\nname = "alice"\nkey = "${ALICE.key}"\n${client}\n`}`;
  const config = parseGateConfig(text, FILE);
  return withDecoys(planOf(config), config.decoys);
};
const gated = (ports: string) => renderGated(plan(`ports = [${ports}]`), 0);

/** The whole script of each, in files of their own: a changed rule is seen, and read, in review. */
describe('the table', () => {
  it.each([
    ['default', plan('')],
    ['everything', plan('ports = ["tcp/*", "udp/*"]', 'ports = ["tcp/22", "tcp/8000-8100"]')],
    [
      'everything-set',
      plan(`
        ports = ["tcp/22", "tcp/8000-8100", "tcp/8050-8200", "udp/51820"]
        knock_ports = [53]
        clock_tolerance = 600
        trusted_interfaces = ["wg0", "br-lan.7"]
        trusted_networks = ["10.0.0.0/8", "192.0.2.1", "fd00::/8"]
        ipv6_prefix = 64
        echo = "drop"
        daemon_dead = "open"
        nflog_group = 7`),
    ],
    ['socket', plan('capture = "socket"\nipv6_prefix = 56')],
    [
      'windows',
      plan(
        'ports = ["tcp/22", "tcp/8000-8100"]',
        '[[always_open]]\nfrom = "08:00"\nuntil = "18:30"\ndays = ["mon", "fri"]\nports = ["tcp/22"]\n[[always_open]]\nfrom = "22:00"\nuntil = "06:00"',
      ),
    ],
    ['decoys', plan('ipv6_prefix = 64', '[[decoy]]\nport = "tcp/22"\nto = 2222')],
    ['sequences', plan('', `[[sequence]]\nname = "door"\nsteps = ["tcp/7003", "udp/7001", "tcp/7005"]`)],
  ])('%s', async (name, given) => {
    await expect(`${renderTable(given)}\n${renderGated(given, 0)}\n`).toMatchFileSnapshot(`./${name}.nft`);
  });

  it('holds who may be knocking, before that may cost a packet: such a client meets no decoy before its grant', () => {
    const more = '[[sequence]]\nname = "door"\nsteps = ["tcp/7003", "udp/7001", "tcp/7005"]';
    const leading = plan('', `[[decoy]]\nport = "tcp/22"\nto = 2222\n${more}`);
    const fwknop = { port: 62201, rate: 20, nflogGroup: 5, gpg: false };
    const rulesOf = (chain: string, given: Parameters<typeof renderTable>[0]) =>
      renderTable(given)
        .split('\n')
        .filter((line) => line.startsWith(`add rule inet knockgate ${chain} `));
    for (const [chain, cost] of [
      ['fwknop', 'limit rate over'],
      ['sequence_step', 'vmap'],
    ] as const) {
      const rules = rulesOf(chain, { ...leading, fwknop });
      const holds = rules.findIndex((rule) => rule.endsWith('update @decoy_held4 { ip saddr }'));
      expect(holds).toBeGreaterThanOrEqual(0);
      expect(holds).toBeLessThan(rules.findIndex((rule) => rule.includes(cost)));
      expect(rulesOf(chain, { ...leading, fwknop, decoys: undefined }).join()).not.toContain('decoy');
    }
  });

  it('follows conditions of steps, and has nothing of them otherwise', async () => {
    const steps = [
      'tcp/7003:sport=4000',
      'icmp:length=100-120',
      'udp/7001:length=32:after=500ms:within=3s',
      'tcp/7005:length=40',
    ];
    const given = plan('', `[[sequence]]\nname = "door"\nsteps = ${JSON.stringify(steps)}`);
    const table = renderTable(given)
      .split('\n')
      .filter((line) => line.includes('sequence'))
      .join('\n');
    const sequences = renderSequences(new SequencePlanter().plant(given.sequences ?? []));
    await expect(`${table}\n${sequences}\n`).toMatchFileSnapshot('./sequence-conditions.nft');
    // nft 1.1 reads this name in /etc/protocols, which a small system does not have.
    expect(table).not.toContain('ipv6-icmp');
    const plain = plan('', '[[sequence]]\nname = "door"\nsteps = ["tcp/7003", "udp/7001:within=2s", "tcp/7005"]');
    const text = `${renderTable(plain)}${renderSequences(new SequencePlanter().plant(plain.sequences ?? []))}`;
    expect(text).not.toMatch(/sequence_(choice|pings|early)|icmpv6 type != /);
  });

  it('lets the daemon hear of sequences that run an action: seldom, by name, with the address and no more', () => {
    const log = { of: 'sequence', name: 'door', nflogGroup: 7 } as const;
    const door = {
      whose: { of: 'sequence', name: 'door' },
      steps: [],
      stepSeconds: 5,
      ports: [{ protocol: 'tcp', port: 22 }],
      seconds: 30,
      sources: [],
    } as const;
    const rulesOf = (more: Partial<SequencePlan>) => {
      const arrivals = new Map([[1, { sequence: { ...door, once: undefined, log, ...more } }]]);
      return renderSequences({ steps: [], arrivals })
        .split('\n')
        .flatMap((line) => /^add rule inet knockgate sequence_end_0 (.*)$/.exec(line)?.[1] ?? []);
    };
    const told =
      'limit rate 10/minute burst 5 packets log prefix "knockgate sequence door" group 7 snaplen 40 queue-threshold 1';
    // Opened first, and told only what opens: neither to whom it is not for, nor what was used.
    expect(rulesOf({}).slice(-2)).toEqual([told, 'goto sequence_done']);
    const once = { mark: 1, expiresIn: 60 };
    const rules = rulesOf({ once, sources: [parseNetwork('192.0.2.0/24')] });
    expect(rules.findLastIndex((rule) => /sources|saddr !=|sequence_used/.test(rule))).toBeLessThan(
      rules.indexOf(told),
    );
    expect(rulesOf({ log: undefined }).join()).not.toContain('log');
  });

  it('touches nothing but itself', () => {
    const script = `${renderTable(plan('ports = ["tcp/*"]'))}${renderGated(plan(''), 0)}`;
    for (const command of script
      .split(/[;\n]\s*/)
      .filter((line) => /^[a-z]+ (table|set|chain|rule|element|counter)/.test(line)))
      expect(command).toMatch(/^(add|flush) (table|set|chain|rule|element|counter) inet knockgate\b/);
    expect(script).not.toContain('flush ruleset');
    expect(script).not.toContain('delete');
  });

  it('lets the daemon see datagrams of a length that a message can have, and no others', () => {
    expect(renderTable(plan(''))).toContain('udp length != 119-1240 ');
  });
});

describe('what is hidden', () => {
  it.each([
    ['"tcp/22"', 'tcp . 22'],
    ['"tcp/*"', 'tcp . 0-65535'],
    ['"tcp/22", "tcp/*"', 'tcp . 0-65535'],
    ['"tcp/1-100", "tcp/50-200", "tcp/22"', 'tcp . 1-200'],
    ['"tcp/1-10", "tcp/11-20"', 'tcp . 1-20'],
    ['"tcp/1-10", "tcp/12-20"', 'tcp . 1-10, tcp . 12-20'],
    ['"udp/53", "tcp/53", "udp/52"', 'tcp . 53, udp . 52-53'],
    ['"tcp/2-65535", "tcp/1"', 'tcp . 0-65535'],
    ['"tcp/22", "tcp/22"', 'tcp . 22'],
  ])('of %s is %s: nft refuses ranges that overlap', (ports, elements) => {
    expect(gated(ports)).toBe(`flush set inet knockgate gated; add element inet knockgate gated { ${elements} }`);
  });

  it('shows itself after 15 minutes without a heartbeat, where that is wanted', () => {
    expect(renderGated(plan('daemon_dead = "open"'), 0)).toContain('{ tcp . 22 timeout 900s }');
    expect(renderGated(plan('daemon_dead = "open"\ndaemon_dead_after = 10'), 0)).toContain('timeout 10s }');
  });

  it.each([
    [60_000, '60s'],
    [59_999, '59s'],
    [1_500, '1s'],
    [400, '1s'],
    [-5_000, '1s'],
  ])('on trial shows itself after the %i ms that are left: in %s, never in 0, which is for ever', (left, seconds) => {
    for (const dead of ['open', 'closed']) {
      const given = { ...plan(`daemon_dead = "${dead}"`), trialUntil: 1_000_000 + left };
      expect(renderGated(given, 1_000_000)).toContain(`{ tcp . 22 timeout ${seconds} }`);
    }
  });

  it('of the next boot shows itself after 15 minutes as well, until the daemon takes over', () => {
    for (const dead of ['open', 'closed'])
      expect(renderBoot(plan(`daemon_dead = "${dead}"`))).toContain('gated { tcp . 22 timeout 900s }\n');
  });

  it('of the next boot replaces a table that a saved ruleset has brought back, with all its grants', () => {
    expect(renderBoot(plan('')).split('\n')[0]).toBe('add table inet knockgate; delete table inet knockgate');
  });

  it('of the next boot leads nobody to a decoy, and hides it: the kernel does not know the clients yet', () => {
    const sequence = '[[sequence]]\nname = "door"\nsteps = ["tcp/7003", "udp/7001", "tcp/7005"]';
    const script = renderBoot(plan('', `[[decoy]]\nport = "tcp/22"\nto = 2222\n${sequence}`));
    expect(script).not.toContain('decoy');
    expect(script).toContain('gated { tcp . 22 timeout 900s, tcp . 2222 timeout 900s }');
  });

  it('of the next boot knows that nobody knows which one-time sequences were used', () => {
    const withKey = plan('', 'sequence_key_file = "/key"');
    expect(renderBoot(withKey)).toContain(`${renderArmedAnew()}\n`);
    expect(renderBoot(plan(''))).not.toContain('sequence');
  });

  it('is one transaction, so that at no moment nothing is hidden', () => {
    expect(gated('"tcp/22"')).not.toContain('\n');
  });
});
