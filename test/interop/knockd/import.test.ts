import { describe, expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { compareReach } from './both.ts';

const A = 'iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';
/** Of each kind one: what is carried over, what is narrower here, and what is left out. */
const SAME = [
  'iptables -I INPUT 1 -s %IP% -p tcp -m multiport --dports 22,80:82,https -m state --state NEW -j ACCEPT # ssh',
  `${A} && ip6tables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT; ip6tables -I INPUT -s %IP% -p tcp --dport 22 -j ACCEPT`,
  'nft add rule inet filter input ip saddr %IP% tcp dport { 22, 80 } accept',
];
const NARROWER = [
  'iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  'iptables -A INPUT -i eth0 -s %IP% -p tcp --dport 22 -j ACCEPT',
];
const NOTHING = [
  'iptables -A FORWARD -s %IP% -p tcp --dport 22 -j ACCEPT',
  'iptables -A OUTPUT -d %IP% -p tcp --sport 22 -j ACCEPT',
  'iptables -A INPUT -s %IP% -p gre -j ACCEPT',
  'iptables -A INPUT -s %IP% -p sctp --dport 22 -j ACCEPT',
  'nft add rule inet filter input ip saddr %IP% ip protocol icmp accept',
  `${A.replace('-A', '-C')} && ${A}`,
];
const PORTS = [22, 23, 53, 80, 81, 82, 83, 443].flatMap((port) => [`tcp/${port}`, `udp/${port}`]);

describe('doors of a real knockd, imported', () => {
  it('open at the gate what they open there, or less, and never more', { timeout: 120_000 }, async () => {
    const commands = [...SAME, ...NARROWER, ...NOTHING];
    const reaches = await compareReach('imported', commands, PORTS);
    for (const [i, { knockd, gate }] of reaches.entries()) {
      const command = commands[i] ?? '';
      expect(
        gate.filter((each) => !knockd.includes(each)),
        command,
      ).toEqual([]);
      if (SAME.includes(command)) expect([command, gate]).toEqual([command, knockd]);
      if (NOTHING.includes(command)) expect([command, gate, knockd]).toEqual([command, [], []]);
      else expect(knockd, command).not.toEqual([]);
    }
    figure(`import-knockd: ${commands.length} commands, ${SAME.length} of them with the same reach, none with more`);
  });
});
