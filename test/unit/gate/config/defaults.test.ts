import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { LEAD_SECONDS, planOf, replayPlaces } from '../../../../server-helper/config/plan.ts';
import { formatAddress, formatNetwork } from '../../../../src/base/addresses.ts';
import { formatPortRange } from '../../../../src/base/ports.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { ALICE, BOB, FILE, problemOf, SHORTEST } from '../support.ts';

describe('gate.toml', () => {
  it('has a default for every setting of the gate', () => {
    expect(parseGateConfig('[gate]\n', FILE)).toEqual({
      gate: {
        ports: [{ protocol: 'tcp', first: 22, last: 22 }],
        knockPorts: [443, 62201],
        slots: 32,
        grant: 30,
        longestGrant: 300,
        clockTolerance: 60,
        refusalsLogged: 10,
        trustedInterfaces: [],
        trustedNetworks: [],
        ipv6Prefix: 128,
        echo: 'answer',
        daemonDead: 'closed',
        daemonDeadAfter: 900,
        nflogGroup: 62201,
        capture: 'nflog',
        withoutDaemon: 'known',
        strict: false,
        tagMemory: 64,
        addresses: [],
        fwknop: { port: undefined, rate: 100, nflogGroup: 62202 },
      },
      clients: [],
      sequences: [],
      actions: [],
      alerts: [],
      alertFaults: [],
      decoys: [],
      forwards: [],
      fwknop: [],
      windows: [],
    });
  });

  it('has a default for every setting of a client but its name and key', () => {
    const { clients } = parseGateConfig(`[gate]\nports = ["tcp/22", "udp/53"]\n${SHORTEST.slice(7)}`, FILE);
    expect(clients).toEqual([
      {
        name: 'alice',
        key: ALICE.publicKey,
        keyText: ALICE.key,
        pskFile: undefined,
        ports: [
          { protocol: 'tcp', first: 22, last: 22 },
          { protocol: 'udp', first: 53, last: 53 },
        ],
        sources: [],
        notBefore: undefined,
        notAfter: undefined,
        longestGrant: 300,
        actions: [],
        forwards: [],
        sequenceKeyFile: undefined,
        sequenceAction: undefined,
        enabled: true,
        strict: false,
      },
    ]);
  });

  it('takes every key of the contract', () => {
    const text = `
      [gate]
      ports = ["tcp/22", "udp/51820", "tcp/8000-8100", "tcp/*"]
      knock_ports = [53]
      slots = 8
      grant = 60
      longest_grant = 3600
      clock_tolerance = 90
      refusals_logged = 100
      trusted_interfaces = ["wg0", "br-lan.7"]
      trusted_networks = ["10.0.0.0/8", "fd00::/8"]
      ipv6_prefix = 64
      echo = "drop"
      daemon_dead = "open"
      daemon_dead_after = 60
      nflog_group = 7
      capture = "socket"
      without_daemon = "first"
      tag_memory = 16
      addresses = ["203.0.113.2", "2001:db8::2"]

      [[client]]
      strict = true
      name = "alice-laptop"
      key = "${ALICE.key}"
      psk_file = "/etc/knockgate/psk/alice-laptop"
      ports = ["tcp/8000-8010"]
      sources = ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]
      not_before = 2026-01-01T00:00:00Z
      not_after = 2027-01-01T00:00:00+02:00
      longest_grant = 120
      actions = ["wake"]
      forwards = ["inner"]
      enabled = false

      [[client]]
      name = "bob@home"
      key = "${BOB.key}"

      [[action]]
      name = "wake"
      open = ["/bin/true"]
      user = "nobody"

      [[forward]]
      name = "inner"
      port = "tcp/8000"
      to = "10.0.0.5"`;
    const { gate, clients } = parseGateConfig(text, FILE);
    expect({
      ...gate,
      ports: gate.ports.map(formatPortRange),
      trustedNetworks: gate.trustedNetworks.map(formatNetwork),
      addresses: gate.addresses.map(formatAddress),
    }).toEqual({
      ports: ['tcp/22', 'udp/51820', 'tcp/8000-8100', 'tcp/*'],
      knockPorts: [53],
      slots: 8,
      grant: 60,
      longestGrant: 3600,
      clockTolerance: 90,
      refusalsLogged: 100,
      trustedInterfaces: ['wg0', 'br-lan.7'],
      trustedNetworks: ['10.0.0.0/8', 'fd00::/8'],
      ipv6Prefix: 64,
      echo: 'drop',
      daemonDead: 'open',
      daemonDeadAfter: 60,
      nflogGroup: 7,
      capture: 'socket',
      withoutDaemon: 'first',
      strict: false,
      tagMemory: 16,
      addresses: ['203.0.113.2', '2001:db8::2'],
      fwknop: { port: undefined, rate: 100, nflogGroup: 62202 },
    });
    const [alice, bob] = clients;
    expect({
      ...alice,
      key: formatKey(alice?.key ?? new Uint8Array()),
      sources: alice?.sources.map(formatNetwork),
    }).toEqual({
      name: 'alice-laptop',
      key: ALICE.key,
      keyText: ALICE.key,
      pskFile: '/etc/knockgate/psk/alice-laptop',
      ports: [{ protocol: 'tcp', first: 8000, last: 8010 }],
      sources: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'],
      notBefore: Date.UTC(2026, 0, 1),
      notAfter: Date.UTC(2026, 11, 31, 22),
      forwards: [expect.objectContaining({ name: 'inner' })],
      actions: ['wake'],
      longestGrant: 120,
      enabled: false,
      sequenceKeyFile: undefined,
      sequenceAction: undefined,
      strict: true,
    });
    expect(bob).toMatchObject({ name: 'bob@home', longestGrant: 3600, enabled: true });
  });

  it.each([
    ['slots', [8, 64]],
    ['grant', [1, 300]],
    ['longest_grant', [30, 65535]],
    ['clock_tolerance', [5, 600]],
    ['refusals_logged', [1, 65535]],
    ['ipv6_prefix', [48, 128]],
    ['nflog_group', [0, 65535]],
  ])('takes %s at both ends of its range', (key, values) => {
    for (const value of values) expect(() => parseGateConfig(`[gate]\n${key} = ${value}\n`, FILE)).not.toThrow();
  });

  it('may have Windows line ends, and tells lines as an editor does', async () => {
    const text = `# \u2028 is not a line end\r\n${SHORTEST.replaceAll('\n', '\r\n')}`;
    expect(parseGateConfig(text, FILE).clients).toHaveLength(1);
    const problem = await problemOf(() => parseGateConfig(`${text}slots = 8\r\n`, FILE));
    expect(problem.what).toContain(`${FILE}:7: unknown key slots`);
  });
});

describe('the plan', () => {
  it('names each range once, also those of clients', () => {
    const ranges = 'ports = ["tcp/22", "tcp/8000-8100"]';
    const plan = planOf(
      parseGateConfig(
        `[gate]\n${ranges}\n${SHORTEST.slice(7)}${ranges}\n` +
          `[[client]]\nname = "bob"\nkey = "${BOB.key}"\nports = ["tcp/8000-8010"]\n`,
        FILE,
      ),
    );
    expect(plan.ranges.map(formatPortRange)).toEqual(['tcp/8000-8100', 'tcp/8000-8010']);
    expect(plan.capture).toEqual({ nflogGroup: 62201 });
  });

  it('remembers spent tags for longer than any of them lives', () => {
    const spent = (tolerance: number) =>
      planOf(parseGateConfig(`[gate]\nclock_tolerance = ${tolerance}\n`, FILE)).spentSeconds;
    // From the moment at which the kernel is given a tag: the lead, the epoch itself, and the tolerance at both ends.
    for (const tolerance of [5, 60, 600]) expect(spent(tolerance)).toBeGreaterThan(LEAD_SECONDS + 30 + 2 * tolerance);
  });

  it('has a place for every message that a client may send while one counts', () => {
    expect(replayPlaces(parseGateConfig('[gate]\n', FILE))).toBe((32 + 8) * 6);
    expect(replayPlaces(parseGateConfig('[gate]\nslots = 64\nclock_tolerance = 600\n', FILE))).toBeLessThan(65536);
  });

  it('gives the socket its own capture', () => {
    expect(planOf(parseGateConfig('[gate]\ncapture = "socket"\n', FILE)).capture).toBe('socket');
  });

  it('prints addresses as nft takes them', () => {
    const { gate } = parseGateConfig('[gate]\ntrusted_networks = ["::ffff:10.0.0.0/104", "192.0.2.1"]\n', FILE);
    expect(gate.trustedNetworks.map(formatNetwork)).toEqual(['10.0.0.0/8', '192.0.2.1']);
    expect(gate.trustedNetworks.map(({ address }) => formatAddress(address))).toEqual(['10.0.0.0', '192.0.2.1']);
  });
});
