import { describe, expect, it } from 'vitest';
import { importKnockd } from '../../../../server-helper/import/knockd.ts';

/* A gate hides ports of TCP and UDP of its own host. Doors to anything else must not become doors to those. */

const KNOCKER = 'rule family="ipv4" source address="%IP%"';

/** Commands that let in another protocol, by program. */
const OTHER_PROTOCOLS = [
  ...['icmp', 'gre', 'esp', 'ah', 'sctp', 'dccp', 'udplite', 'igmp', 'ipip', '1', '47', '50', '132', 'ICMP'].map(
    (protocol) => `/usr/sbin/iptables -I INPUT -s %IP% -p ${protocol} -j ACCEPT`,
  ),
  '/usr/sbin/iptables -I INPUT -s %IP% -p sctp --dport 22 -j ACCEPT',
  '/usr/sbin/iptables -I INPUT -s %IP% -p dccp -m dccp --dport 22 -j ACCEPT',
  '/usr/sbin/iptables -I INPUT -s %IP% -p icmp --icmp-type echo-request -j ACCEPT',
  '/usr/sbin/iptables -I INPUT -s %IP% ! -p tcp -j ACCEPT',
  '/usr/sbin/ip6tables -I INPUT -s %IP% -p ipv6-icmp -j ACCEPT',
  '/usr/sbin/ip6tables -I INPUT -s %IP% -p icmpv6 -j ACCEPT',
  '/usr/sbin/ip6tables -I INPUT -s %IP% -p gre -j ACCEPT',
  ...['icmp', 'gre', 'esp', 'ah', 'sctp', 'dccp', 'udplite', 'igmp', '1', '47', '50', '132'].flatMap((protocol) => [
    `/usr/sbin/nft insert rule inet filter input ip saddr %IP% ip protocol ${protocol} accept`,
    `/usr/sbin/nft insert rule inet filter input ip saddr %IP% meta l4proto ${protocol} accept`,
  ]),
  '/usr/sbin/nft insert rule inet filter input ip saddr %IP% ip protocol != tcp accept',
  '/usr/sbin/nft insert rule inet filter input ip saddr %IP% meta l4proto { icmp, gre } accept',
  '/usr/sbin/nft insert rule inet filter input ip saddr %IP% sctp dport 22 accept',
  '/usr/sbin/nft insert rule inet filter input ip saddr %IP% dccp dport 22 accept',
  '/usr/sbin/nft insert rule inet filter input ip saddr %IP% icmp type echo-request accept',
  '/usr/sbin/nft insert rule inet filter input ip saddr %IP% gre version 0 accept',
  '/usr/sbin/nft insert rule inet filter input ip saddr %IP% esp spi 1 accept',
  '/usr/sbin/nft insert rule inet filter input ip6 saddr %IP% ip6 nexthdr ipv6-icmp accept',
  '/usr/sbin/nft insert rule inet filter input ip6 saddr %IP% meta l4proto ipv6-icmp accept',
  ...['esp', 'ah', 'gre', 'igmp', 'ipv6', 'icmp'].map((protocol) => `/usr/sbin/ufw allow proto ${protocol} from %IP%`),
  '/usr/sbin/ufw allow from %IP% to any proto esp',
  ...['icmp', 'gre', 'esp'].map(
    (protocol) => `/usr/bin/firewall-cmd --add-rich-rule='${KNOCKER} protocol value="${protocol}" accept'`,
  ),
  `/usr/bin/firewall-cmd --add-rich-rule='${KNOCKER} icmp-type name="echo-request" accept'`,
  `/usr/bin/firewall-cmd --add-rich-rule='${KNOCKER} port port="22" protocol="sctp" accept'`,
  '/usr/bin/firewall-cmd --add-protocol=gre',
  '/usr/bin/firewall-cmd --add-port=22/sctp',
  '/usr/bin/firewall-cmd --direct --add-rule ipv4 filter INPUT 0 -s %IP% -p gre -j ACCEPT',
];

const SSH = '-s %IP% -p tcp --dport 22 -j ACCEPT';
/** Commands that let packets through that are not for the host, or that leave it. */
const OTHER_CHAINS = [
  ...['FORWARD', 'OUTPUT', 'DOCKER-USER', 'PREROUTING'].map((chain) => `/usr/sbin/iptables -I ${chain} ${SSH}`),
  '/usr/sbin/iptables -I FORWARD -s %IP% -j ACCEPT',
  '/usr/sbin/iptables -A OUTPUT -d %IP% -p tcp --dport 22 -j ACCEPT',
  '/usr/sbin/iptables -A OUTPUT -d %IP% -p tcp --sport 22 -j ACCEPT',
  '/usr/sbin/iptables -A OUTPUT -d %IP% -j ACCEPT',
  '/usr/sbin/iptables -A OUTPUT -s %IP% -j ACCEPT',
  '/usr/sbin/ip6tables -A OUTPUT -d %IP% -p tcp --dport 22 -j ACCEPT',
  '/usr/sbin/ip6tables -I FORWARD -s %IP% -j ACCEPT',
  ...['nat', 'mangle', 'raw', 'security'].map((table) => `/usr/sbin/iptables -t ${table} -I INPUT ${SSH}`),
  `/usr/sbin/iptables -t nat -I OUTPUT ${SSH}`,
  `/usr/sbin/iptables -t raw -I PREROUTING ${SSH}`,
  ...['forward', 'output', 'prerouting', 'postrouting', 'FORWARD', 'OUTPUT'].flatMap((chain) => [
    `/usr/sbin/nft add rule inet filter ${chain} ip saddr %IP% tcp dport 22 accept`,
    `/usr/sbin/nft add rule inet filter ${chain} ip saddr %IP% accept`,
  ]),
  '/usr/sbin/nft add rule inet filter output ip daddr %IP% tcp dport 22 accept',
  '/usr/sbin/nft add rule inet filter output ip daddr %IP% accept',
  '/usr/sbin/nft add rule filter forward ip saddr %IP% ip daddr 10.0.0.9 tcp dport 22 accept',
  '/usr/sbin/nft add rule ip6 filter output ip6 daddr %IP% tcp dport 22 accept',
  '/usr/sbin/nft add rule bridge filter input ip saddr %IP% tcp dport 22 accept',
  '/usr/sbin/nft add rule netdev filter ingress ip saddr %IP% tcp dport 22 accept',
  '/usr/sbin/ufw route allow from %IP% to 10.0.0.9 port 22 proto tcp',
  '/usr/sbin/ufw allow out to %IP% port 22 proto tcp',
  '/usr/sbin/ufw allow out from %IP% to any port 22 proto tcp',
  '/usr/sbin/ufw allow out on eth0 to %IP%',
  '/usr/bin/firewall-cmd --direct --add-rule ipv4 filter FORWARD 0 -s %IP% -p tcp --dport 22 -j ACCEPT',
  '/usr/bin/firewall-cmd --direct --add-rule ipv4 filter OUTPUT 0 -d %IP% -p tcp --dport 22 -j ACCEPT',
  '/usr/bin/firewall-cmd --policy=out --add-port=22/tcp',
  `/usr/bin/firewall-cmd --policy=out --add-rich-rule='${KNOCKER} port port="22" protocol="tcp" accept'`,
  '/usr/bin/firewall-cmd --add-forward-port=port=22:proto=tcp:toport=22:toaddr=10.0.0.9',
];

const imported = (command: string) =>
  importKnockd(`[a]\nsequence = 7101,7302,7203\ncommand = ${command}\n`, 'knockd.conf');

describe('a door of knockd', () => {
  it.each(OTHER_PROTOCOLS)('to another protocol opens no port: %s', (command) => {
    const { toml, doors, notes } = imported(command);
    expect([toml, doors]).toEqual(['', 0]);
    expect(notes.join('\n')).toContain('[a]');
  });

  it.each(OTHER_CHAINS)('to another host, or out of this one, opens no port: %s', (command) => {
    const { toml, doors, notes } = imported(command);
    expect([toml, doors]).toEqual(['', 0]);
    expect(notes.join('\n')).toContain('[a]');
  });

  it.each(['forward', 'output', 'input', 'knocked'])('in a chain of one’s own, %s, is a comment', (chain) => {
    const { toml, doors } = imported(`/usr/sbin/iptables -I ${chain} ${SSH}`);
    expect([doors, toml.split('\n').filter((line) => line !== '' && !line.startsWith('#'))]).toEqual([0, []]);
  });

  // Commands of the other family say nothing about who knocks by IPv4.
  const sameFamily = OTHER_PROTOCOLS.concat(OTHER_CHAINS).filter((command) => !/ip6tables|ip6 /.test(command));
  it.each(sameFamily)('stays out also beside a command that opens one: %s', (command) => {
    expect(imported(`/usr/sbin/iptables -I INPUT ${SSH}; ${command}`).doors).toBe(0);
  });
});
