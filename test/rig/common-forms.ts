/** Form in which knockd.conf opens a port, and what an importer must make of it. */
export interface CommonForm {
  readonly command: string;
  /** Ports of the imported table, `all` for each that the gate hides; undefined: nothing in force. */
  readonly opens?: string;
  /** Families of addresses that it opens for; default: both. */
  readonly for?: 'ipv4' | 'ipv6';
  /** Part of the note when nothing is in force. */
  readonly why?: string;
  /** Whether knockd opens for everybody; the gate only opens for the client that knocked. */
  readonly isForEverybody?: true;
  /** Seconds after which its own command closes the port; default: the gate's own grant. */
  readonly grant?: number;
  /** Whether it runs a program of the owner's, which becomes an action. */
  readonly runsAction?: true;
}

const v4 = (command: string, opens: string): CommonForm => ({ command, opens, for: 'ipv4' });
const both = (command: string, opens: string): CommonForm => ({ command, opens });
const left = (command: string, why: string): CommonForm => ({ command, why });

const SOURCE = '-s %IP%';

/**
 * The sixty commonest forms: found in public knockd.conf files, how-tos and roles by looking for `%IP%` with each firewall's name,
 * and in the manual and the example file of knockd.
 */
export const COMMON_FORMS: readonly CommonForm[] = [
  // iptables: by far the most.
  v4(`/sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`/usr/sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`iptables -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -I INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -I INPUT 1 ${SOURCE} -p tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -A INPUT ${SOURCE} -p udp --dport 1194 -j ACCEPT`, 'udp/1194'),
  v4(`/sbin/iptables -A INPUT -p tcp ${SOURCE} --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -A INPUT -p tcp --dport 22 ${SOURCE} -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -A INPUT ${SOURCE} -p tcp --dport ssh -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -I INPUT ${SOURCE} -p tcp --dport https -j ACCEPT`, 'tcp/443'),
  v4(`/usr/sbin/iptables -A INPUT ${SOURCE} -p tcp --syn --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -I INPUT ${SOURCE} -p tcp -m tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -I INPUT ${SOURCE} -p tcp -m tcp --dport 22 -m state --state NEW -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -A INPUT ${SOURCE} -m state --state NEW -p tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 22 -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 22 -m comment --comment "knockd ssh" -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -I INPUT ${SOURCE} -p tcp -m multiport --dports 22,80,443 -j ACCEPT`, 'tcp/22 tcp/80 tcp/443'),
  v4(`/sbin/iptables -I INPUT ${SOURCE} -p tcp -m multiport --dport 22,80 -j ACCEPT`, 'tcp/22 tcp/80'),
  v4(`/sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 8000:8003 -j ACCEPT`, 'tcp/8000 tcp/8001 tcp/8002 tcp/8003'),
  v4(`/sbin/iptables -A INPUT ${SOURCE} -j ACCEPT`, 'all'),
  v4(`/usr/sbin/iptables -I INPUT ${SOURCE} -j ACCEPT`, 'all'),
  v4(`/sbin/iptables --append INPUT --source %IP% --protocol tcp --destination-port 22 --jump ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -t filter -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -w -I INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`/sbin/iptables -I INPUT -s %IP%/32 -p tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`sudo /sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  v4(`/bin/sh -c "/sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT"`, 'tcp/22'),
  v4(`/sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT # ssh`, 'tcp/22'),
  v4(
    `/sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT; /sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 443 -j ACCEPT`,
    'tcp/22 tcp/443',
  ),
  v4(
    `/sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT && /sbin/iptables -A INPUT ${SOURCE} -p udp --dport 51820 -j ACCEPT`,
    'tcp/22 udp/51820',
  ),
  v4(
    `/sbin/iptables -C INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT || /sbin/iptables -I INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`,
    'tcp/22',
  ),
  v4(
    `/sbin/iptables -D INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT 2>/dev/null; /sbin/iptables -I INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`,
    'tcp/22',
  ),
  {
    command: `/sbin/iptables -I INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT; sleep 20; /sbin/iptables -D INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`,
    opens: 'tcp/22',
    for: 'ipv4',
    grant: 20,
  },
  v4(`/sbin/iptables -I INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT && logger "knock from %IP%"`, 'tcp/22'),
  {
    command: `/sbin/iptables -I INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT; /usr/local/bin/notify %IP%`,
    opens: 'tcp/22',
    for: 'ipv4',
    runsAction: true,
  },
  {
    command: '/sbin/iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
    opens: 'tcp/22',
    for: 'ipv4',
    isForEverybody: true,
  },
  v4(`/sbin/iptables -I ufw-user-input ${SOURCE} -p tcp --dport 22 -j ACCEPT`, 'tcp/22'),
  { command: `/sbin/ip6tables -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`, opens: 'tcp/22', for: 'ipv6' },
  both(
    `/sbin/iptables -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT; /sbin/ip6tables -A INPUT ${SOURCE} -p tcp --dport 22 -j ACCEPT`,
    'tcp/22',
  ),
  // knock's own helpers: the third section of the example file.
  v4('/usr/local/sbin/knock_add -i -c INPUT -p tcp -d 443 -f %IP%', 'tcp/443'),
  v4('/usr/sbin/knock_helper_ipt.sh --append --srcaddr %IP% --dstport 22', 'tcp/22'),
  // ufw.
  both('/usr/sbin/ufw allow from %IP% to any port 22 proto tcp', 'tcp/22'),
  both('ufw allow from %IP% to any port 22', 'tcp/22 udp/22'),
  both('/usr/sbin/ufw allow proto tcp from %IP% to any port 22', 'tcp/22'),
  // A rule of IPv6 has no place before the first of IPv4.
  v4('/usr/sbin/ufw insert 1 allow from %IP% to any port 22 proto tcp', 'tcp/22'),
  v4('ufw insert 1 allow from %IP% to any port 22 comment knockd', 'tcp/22 udp/22'),
  both('/usr/sbin/ufw allow from %IP%', 'all'),
  both('/usr/sbin/ufw allow from %IP% to any port ssh', 'tcp/22'),
  // nft.
  v4('/usr/sbin/nft add rule inet filter input ip saddr %IP% tcp dport 22 accept', 'tcp/22'),
  v4('/usr/sbin/nft insert rule inet filter input ip saddr %IP% tcp dport 22 accept', 'tcp/22'),
  v4('/sbin/nft add rule inet filter input tcp dport 22 ip saddr %IP% accept', 'tcp/22'),
  v4('/sbin/nft add rule inet filter input ip saddr %IP% tcp dport 22 accept comment "knockd-ssh"', 'tcp/22'),
  // firewalld.
  {
    command: `/usr/bin/firewall-cmd --zone=public --add-rich-rule='rule family="ipv4" source address="%IP%" port port="22" protocol="tcp" accept' --timeout=60`,
    opens: 'tcp/22',
    for: 'ipv4',
    grant: 60,
  },
  v4(
    `/bin/firewall-cmd --zone=public --add-rich-rule="rule family="ipv4" source address="%IP%" service name="ssh" accept"`,
    'tcp/22',
  ),
  { command: '/usr/bin/firewall-cmd --add-port=7777/tcp --zone=public', opens: 'tcp/7777', isForEverybody: true },
  // Forms that a gate cannot match.
  left(`/sbin/iptables -A INPUT ${SOURCE} --dport 22 -j ACCEPT`, 'only after -p tcp'),
  left(`/usr/sbin/iptables -A INPUT ${SOURCE} -p tcp --syn -j ACCEPT`, 'every port of TCP'),
  left(`/sbin/iptables -A KNOCKD ${SOURCE} -p tcp --dport 22 -j ACCEPT`, '“chain KNOCKD”'),
  left(`/sbin/iptables -I INPUT -i eth0 ${SOURCE} -p tcp --dport 22 -j ACCEPT`, '“-i eth0”'),
  left('/usr/sbin/ipset add knock %IP%', 'ipset'),
];
