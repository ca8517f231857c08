import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { importPyknock } from '../../../../server-helper/import/pyknock.ts';
import { formatNetwork } from '../../../../src/base/addresses.ts';
import { formatPortRange } from '../../../../src/base/ports.ts';

const CLIENTS = [
  { key: new Uint8Array(32).fill(9), name: 'alice' },
  { key: new Uint8Array(32).fill(10), name: 'bob' },
];
const SET = 'ipset create ssh_in hash:ip timeout 3600\n';
const RULE = 'iptables -A INPUT -p tcp --dport 22 -m set --match-set ssh_in src -j ACCEPT\n';
const ADD = 'ipset add -exist ssh_in $ip timeout 600';
const script = (command: string, options = '') =>
  `pyknock-server ${options} S3cret '${command}' 'ipset del -exist ssh_in $ip'\n`;

function imported(text: string, rules?: string) {
  const result = importPyknock(
    { text, file: 'knock.sh' },
    rules === undefined ? undefined : { text: rules, file: 'rules' },
    CLIENTS,
  );
  expect(JSON.stringify(result)).not.toContain('S3cret');
  if (result.doors === 0) return { ...result, opens: [], gate: undefined };
  const { gate, clients } = parseGateConfig(result.toml, 'gate.toml');
  return {
    ...result,
    gate: { ports: gate.ports.map(formatPortRange), grant: gate.grant },
    opens: clients.map(({ name, ports, sources }) =>
      [name, ...ports.map(formatPortRange), ...sources.map(formatNetwork)].join(' '),
    ),
  };
}

describe('a call of pyknock-server', () => {
  it('opens by a set and its rule, in one script', () => {
    const found = imported(`#!/bin/sh\n${SET}${RULE}${script(ADD, '-p 60120 --time-drift=30')}`);
    expect(found.gate).toEqual({ ports: ['tcp/22'], grant: 600 });
    expect(found.opens).toEqual(['alice tcp/22 0.0.0.0/0', 'bob tcp/22 0.0.0.0/0']);
    expect(found.notes.join('\n')).toContain('knock.sh:4: the PSK is not carried over');
    for (const option of ['-p', '--time-drift'])
      expect(found.notes.join('\n')).toContain(`knock.sh:4: ${option} is left out`);
  });

  it('is in a unit file, and its rules are elsewhere', () => {
    const unit = `[Service]\nEnvironmentFile=/etc/pyknock\nExecStart=/usr/bin/python3 /usr/bin/pyknock-server \\\n  $PSK "ipset add -exist in_$$af $$ip" true\n`;
    const rules =
      'create in_inet hash:ip family inet timeout 60\ncreate in_inet6 hash:ip family inet6 timeout 60\n' +
      '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -m set --match-set in_inet src -j ACCEPT\n' +
      '-A INPUT -p tcp -m tcp --dport 22 -m set --match-set in_inet6 src -j ACCEPT\nCOMMIT\n';
    expect(imported(unit, rules)).toMatchObject({
      gate: { ports: ['tcp/22'], grant: 60 },
      opens: ['alice tcp/22', 'bob tcp/22'],
    });
  });

  it('opens by a rule of its own', () => {
    const rule = `iptables -I INPUT -s $\{ip} -p tcp -m multiport --dports 22,80 -j ACCEPT`;
    expect(imported(script(rule))).toMatchObject({
      gate: { ports: ['tcp/22', 'tcp/80'], grant: 30 },
      opens: [expect.stringContaining('0.0.0.0/0'), expect.anything()],
    });
  });

  it('opens for IPv4 what the two families do not have alike', () => {
    const both = `${SET}${RULE}ipset create six hash:ip family inet6 timeout 3600\nip6tables -A INPUT -p tcp --dport 443 -m set --match-set six src -j ACCEPT\n`;
    expect(imported(both + script('ipset add ssh_in $ip')).opens[0]).toBe('alice tcp/22 0.0.0.0/0');
    expect(imported(both + script('ipset add six $ip')).opens[0]).toBe('alice tcp/443 ::/0');
  });

  it.each([
    ['a set without a rule', SET + script(ADD), 'no rule is known'],
    ['a set that nobody creates', RULE + script(ADD), 'no line creates the set ssh_in'],
    ['a rule that is only shown', `${SET}echo ${RULE}${script(ADD)}`, '“echo” is not understood'],
    ['a set of ports', `ipset create ssh_in hash:ip,port\n${RULE}${script(ADD)}`, 'hash:ip,port'],
    ['a rule that is turned round', SET + RULE.replace('--match-set', '! --match-set') + script(ADD), 'turned round'],
    ['a condition', SET + RULE.replace('-p tcp', '-i eth1 -p tcp') + script(ADD), '-i eth1'],
    ['an option', SET + RULE + script(`${ADD} nomatch`), 'nomatch'],
    ['another address', SET + RULE + script('ipset add ssh_in 192.0.2.1'), 'something else'],
    ['a program', script('/usr/local/bin/let-in $ip'), 'opens nothing that is known'],
    ['a variable', SET + RULE + script('ipset add $SET $ip'), 'a shell'],
    ['everybody', script('iptables -A INPUT -p tcp --dport 22 -j ACCEPT'), 'everybody'],
    ['every port', script('iptables -A INPUT -s $ip -j ACCEPT'), 'every port'],
    ['an unknown option', SET + RULE + script(ADD, '--daemon'), 'no option --daemon'],
    ['a word too few', `${SET}${RULE}pyknock-server S3cret '${ADD}'\n`, 'expected a PSK'],
    ['a command in a variable', `${SET}${RULE}pyknock-server S3cret "$OPEN" true\n`, 'a variable'],
    ['a PSK that looks like an option', `${SET}${RULE}pyknock-server -S3cret a b\n`, 'no option of that letter'],
    ['a variable in front', `PSK=S3cret pyknock-server $PSK a b\n`, 'PSK is not understood'],
    ['a pipe', `pyknock-server S3cret a b | logger\n`, '“|”'],
    ['a wrapper', `flock /run/x pyknock-server S3cret a b\n`, 'flock'],
    ['a colon', `[Service]\nExecStart=:/usr/bin/pyknock-server S3cret a b\n`, '“:”'],
  ])('is left out with %s, and the line is named', (_, text, why) => {
    const { doors, toml, notes } = imported(text);
    expect([doors, toml]).toEqual([0, '']);
    expect(notes.join('\n')).toContain(why);
    expect(notes.every((note) => /^knock\.sh:\d+: /.test(note))).toBe(true);
  });

  it('is found only where it is called', () => {
    const unit = '[Unit]\nDescription=pyknock-server\n[Service]\nExecStartPre=/bin/pkill pyknock-server\n';
    expect(imported(unit).notes).toEqual(['knock.sh:4: ExecStartPre is left out: only ExecStart is read']);
    expect(imported('systemctl restart pyknock-server\n# pyknock-server a b c\n').notes).toEqual([
      expect.stringContaining('systemctl is not understood'),
    ]);
  });
});
