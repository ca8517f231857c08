/** Words that a command is put together from, part by part: the first of each is what good ones have. */
export type Parts = readonly (readonly string[])[];

export const IPTABLES: Parts = [
  [
    ...['-A INPUT', '-I INPUT', '-I INPUT 1', '-I INPUT 2', '-A FORWARD', '-A OUTPUT', '-D INPUT', '-C INPUT'],
    ...['-t nat -A INPUT', '-t filter -A INPUT', '-A INPUT -w 1', '-w -A INPUT', '-A INPUT -c 0 0', '--append INPUT'],
    ...['-A input', '-A INPUT -4', '-A INPUT -6', '-F INPUT', '-P INPUT ACCEPT', '-N INPUT', '-R INPUT 1', '-A ufw-x'],
  ],
  [
    ...['-s %IP%', '-s %IP%/32', '-s %IP%/24', '-s %IP%/0', '', '! -s %IP%', '-s 10.0.0.1', '-s 10.0.0.1,%IP%'],
    ...['-s 0.0.0.0/0', '-s ::/0', '-s 0/0', '--source %IP%', '--source=%IP%', '--src %IP%', '-s%IP%', '-s %IP%/128'],
    ...['-s %IP%/255.255.255.255', '-s %IP%/255.255.255.0', '-s %IP%/024', '-s %IP%/', '-s localhost', '-s %ip%'],
    '-m iprange --src-range %IP%-%IP%',
  ],
  [
    ...['-p tcp', '-p udp', '-p 6', '-p UDP', '-p all', '-p 0', '-p icmp', '-p gre', '-p 47', '-p sctp', ''],
    ...['--protocol tcp', '--proto udp', '--protocol=tcp', '-ptcp', '! -p udp', '-p tcp,udp', '-p udplite', '-p 017'],
  ],
  [
    ...['', '-m tcp', '-m udp', '-m state --state NEW', '-m conntrack --ctstate ESTABLISHED', '-m comment --comment x'],
    ...['-i lo', '-i eth0', '! -i lo', '-i eth+', '-d 10.0.0.9', '-d 192.0.2.2', '--syn', '! --syn', '--state NEW'],
    ...['--tcp-flags SYN,ACK,FIN,RST SYN', '--tcp-flags ALL SYN', '--tcp-flags SYN SYN', '--sport 1', '-m multiport'],
    ...['-m state --state new,established', '-m conntrack --ctstate NEW,INVALID', '-m conntrack --ctstate UNTRACKED'],
    ...['-m limit --limit 1/h', '-m mac --mac-source 02:00:00:00:00:01', '-m length --length 9000', '-f', '-m x'],
    ...['-m connlimit --connlimit-above 9', '-m addrtype --dst-type BROADCAST', '-m pkttype --pkt-type multicast'],
  ],
  [
    ...['--dport 22', '--dport ssh', '--dport 022', '--dport 0x35', '--dport 53:80', '--dports 22,80', '', '--dpor 22'],
    ...['-m multiport --dports 22,80:82', '-m multiport --dport domain', '-m multiport --ports 53', '--dport=22'],
    ...[
      '--dport 80:82',
      '--dport 8000:',
      '--dport :53',
      '--dport 80:53',
      '--dport 22,80',
      '! --dport 22',
      '--dport 22:22',
    ],
    ...['--dport http:https', '--dport SSH', '-m multiport ! --dports 22', '--destination-port 53', '--dport 65536'],
    ...['-m multiport --sports 22', '-m multiport --dports 80:82,22 -m tcp', '--dport " 22"', '--dport 22 --dport 53'],
  ],
  [
    ...['-j ACCEPT', '--jump ACCEPT', '--jump=ACCEPT', '-jACCEPT', '-j accept', '-j DROP', '-j LOG', '-j RETURN', ''],
    ...['-j ACCEPT -j ACCEPT', '-g INPUT', '-j REJECT', '-j MARK --set-mark 1', '-j LOG --log-prefix x', '-j ufw-x'],
  ],
];

export const NFT: Parts = [
  [
    ...['add rule inet filter input', 'insert rule inet filter input', 'add rule ip filter input'],
    ...['add rule filter input', 'add rule ip6 filter input', 'add rule inet filter input index 0'],
    ...['add rule inet filter forward', 'add rule inet filter knockd', 'create rule inet filter input'],
    ...[
      '-a add rule inet filter input',
      'add rule ip filter INPUT',
      'add rule inet nat input',
      'add inet filter input',
    ],
    ...['--check add rule inet filter input', '-c add rule inet filter input'],
  ],
  [
    ...['ip saddr %IP%', 'ip6 saddr %IP%', '', 'ip saddr { %IP% }', 'ip saddr %IP%/24', 'ip saddr { %IP%, 10.0.0.1 }'],
    ...[
      'ip saddr != %IP%',
      'ip saddr 10.0.0.1',
      'ip saddr %IP%/0',
      'ip saddr == %IP%',
      'meta nfproto ipv4',
      'saddr %IP%',
    ],
    ...['ip saddr %IP%-%IP%', 'ip saddr %IP%/32', 'ip saddr & 255.255.255.0 == %IP%', 'ip saddr %ip%', 'ip saddr 0/0'],
    ...['ip6 saddr %IP%/64', 'meta nfproto ipv6 ip6 saddr %IP%', 'ip saddr %IP% ip saddr %IP%'],
  ],
  [
    ...['tcp dport 22', 'udp dport 53', 'tcp dport { 22, 80 }', 'tcp dport 80-82', 'tcp dport ssh', 'th dport 53', ''],
    ...['meta l4proto { tcp, udp } th dport 53', 'ip protocol tcp tcp dport 22', 'tcp dport != 22', 'tcp dport 022'],
    ...[
      'tcp dport 0x16',
      'tcp dport "ssh"',
      'tcp sport 22',
      'tcp dport ssh-https',
      'tcp dport < 100',
      'tcp dport 80-53',
    ],
    ...[
      'tcp dport 22 udp dport 53',
      'ip protocol udp tcp dport 22',
      'meta l4proto 6 th dport 22',
      'tcp dport { 80-82 }',
    ],
    ...[
      'ip6 nexthdr tcp tcp dport 22',
      'meta l4proto tcp',
      'ip protocol udp',
      'tcp dport 22, 80',
      'tcp dport {22,443,}',
    ],
    ...['udp dport domain', 'tcp dport { ssh, 80-81 }', 'meta l4proto { 6, 17 } th dport { 22, 53 }', 'tcp dport http'],
  ],
  [
    ...['', 'ct state new', 'ct state new,established', 'ct state established', 'ct state { new }', 'tcp flags syn'],
    ...['tcp flags & (fin|syn|rst|ack) == syn', 'tcp flags ack', 'counter', 'log prefix x', 'log prefix "x y"', 'log'],
    ...['limit rate 1/hour', 'limit rate over 1/hour', 'iifname eth0', 'iif lo', 'ip daddr 10.0.0.9', 'meta mark 1'],
    ...[
      'counter packets 0 bytes 0',
      'ct state invalid',
      'ct state != new',
      'comment x',
      'ct state new ct state invalid',
    ],
    ...[
      'log level info',
      'log level audit',
      'log flags all',
      'tcp flags syn / fin,syn,rst,ack',
      'ct state new | invalid',
    ],
  ],
  [
    ...[
      'accept',
      'drop',
      'accept comment x',
      'accept comment "x y"',
      '',
      'return',
      'jump knockd',
      'accept drop',
      'reject',
    ],
    ...['continue', 'counter accept', 'accept accept', 'comment x accept', 'meta mark set 1 accept', 'ACCEPT'],
  ],
];

export const UFW: Parts = [
  [
    ...[
      'allow',
      'insert 1 allow',
      'prepend allow',
      'limit',
      'deny',
      'reject',
      'delete allow',
      'rule allow',
      'allow in',
    ],
    ...[
      '--force allow',
      '--dry-run allow',
      'route allow',
      'insert 2 allow',
      'allow out',
      'allow in on eth0',
      'allow log',
    ],
    ...['allow in on lo', 'insert 0 allow', 'Allow', 'allow log-all', 'insert allow', 'delete insert 1 allow'],
  ],
  [
    ...['from %IP%', 'from %IP%/32', 'from %IP%/24', 'from any', '', 'from 10.0.0.1', 'from %IP%/128', 'from %IP%/64'],
    ...['from %IP% port 22', 'from %IP%/0', 'FROM %IP%', 'from %IP%/255.255.255.0', 'proto tcp from %IP%', 'from %ip%'],
  ],
  [
    ...['to any port 22', 'to any port 22,80', 'to any port 80:82', 'to any port ssh', 'to any', '', 'to any port 53'],
    ...['to any app OpenSSH', 'to 192.0.2.2 port 22', 'to any port 80:82,22', 'to any port 022', 'to any port domain'],
    ...[
      'to any port 22/tcp',
      'to 10.0.0.9 port 22',
      'to any port 82:80',
      'port 22',
      'to any port SSH',
      'to any port http',
    ],
    ...['to any port openvpn', 'to any app Samba', 'to 0.0.0.0/0 port 22', 'to ::/0 port 22', 'to any port 0x16'],
  ],
  ['proto tcp', '', 'proto udp', 'proto any', 'proto gre', 'proto esp', 'proto TCP', 'proto tcp/udp', 'proto ah'],
  ['', 'comment knock', "comment 'a b'", 'comment', "comment ''"],
];

export const UFW_SHORT: Parts = [
  ['allow', 'limit', 'insert 1 allow', 'prepend allow', 'delete allow', 'allow in', 'deny'],
  [
    ...[
      '22/tcp',
      '22',
      'ssh',
      'OpenSSH',
      '22,80/tcp',
      '80:82/tcp',
      '53/udp',
      '22,80',
      'Samba',
      'ssh/tcp',
      'domain',
      'http',
    ],
    ...['openvpn', '22/TCP', '022', '22/any', '22/gre', 'openssh', '443/tcp/udp', '80:82', 'https/udp', 'WWW', '0/tcp'],
  ],
  ['', 'comment x', 'proto tcp', 'from %IP%'],
];

export const RICH: Parts = [
  ['rule', 'rule priority="1"', 'rule priority="-1"', 'rule priority="99999"', 'RULE'],
  ['family="ipv4"', 'family="ipv6"', '', 'family=ipv4', 'family="ipv5"', 'family="IPv4"'],
  [
    ...[
      'source address="%IP%"',
      'source address="%IP%/24"',
      'source address="%IP%/32"',
      'source address="10.0.0.1"',
      '',
    ],
    ...[
      'source not address="%IP%"',
      'source NOT address="%IP%"',
      'source invert="True" address="%IP%"',
      'source mac="02:00:00:00:00:01"',
    ],
    ...['source address=%IP%', 'source ipset="x"', 'source address="%IP%/0"', 'source address="%IP%/128"'],
  ],
  [
    ...[
      'port port="22" protocol="tcp"',
      'port port="80-82" protocol="tcp"',
      'service name="ssh"',
      'port protocol="udp" port="53"',
    ],
    ...['service name="dns"', 'protocol value="tcp"', '', 'port port="22"', 'source-port port="22" protocol="tcp"'],
    ...[
      'port port="ssh" protocol="tcp"',
      'service name="nothing"',
      'port port="22" protocol="TCP"',
      'service name="openvpn"',
    ],
    ...[
      'destination address="10.0.0.9" port port="22" protocol="tcp"',
      'port port="22" protocol="tcp" service name="ssh"',
    ],
    ...[
      'icmp-type name="echo-request"',
      'masquerade',
      'forward-port port="22" protocol="tcp" to-port="80"',
      'port port="82-80" protocol="tcp"',
    ],
  ],
  ['', 'log', 'log prefix="x" level="info"', 'log level="loud"', 'audit', 'log limit value="1/m"'],
  ['accept', 'drop', 'reject', 'accept limit value="1/h"', '', 'mark set="1"', 'accept accept', 'ACCEPT'],
];

export const FIREWALLD: Parts = [
  ['--zone=public', '', '--zone public', '--zone=trusted', '--zone=drop', '--zone=nowhere', '--zone=internal'],
  ['', '--timeout=60', '--timeout=1m', '--timeout=0', '--permanent', '--timeout=x', '--quiet', '-q', '--timeout 60'],
  [
    ...['RICH', 'RICH', 'RICH', '--add-port=22/tcp', '--add-port=80-82/tcp', '--add-service=ssh', '--add-source=%IP%'],
    ...[
      '--add-port=22/tcp --add-port=53/udp',
      '--add-port=22/tcp --add-service=http',
      '--add-port=22',
      '--remove-port=22/tcp',
    ],
    ...[
      '--add-protocol=tcp',
      '--add-source-port=1-65535/udp',
      '--add-interface=eth0',
      '--add-service http',
      '--add-masquerade',
    ],
    ...[
      '--add-port=ssh/tcp',
      '--add-service=dns',
      '--add-service=wireguard',
      '--add-port=022/tcp',
      '--add-source=%IP%/24',
    ],
  ],
  ['', '', '', '--permanent', '--zone=public'],
];
export const DIRECT: Parts = [
  ['--direct --add-rule', '--direct --remove-rule', '--permanent --direct --add-rule', '--direct --passthrough'],
  ['ipv4', 'ipv6', 'eb'],
  ['filter INPUT 0', 'filter INPUT_direct 0', 'filter FORWARD 0', 'filter INPUT -1'],
  ['-s %IP%', ''],
  ['-p tcp --dport 22 -j ACCEPT', '-p udp --dport 53 -j ACCEPT', '-j ACCEPT'],
];

export const KNOCK_ADD: Parts = [
  ['-i', '-a', '-x', '--append', '--insert', '-i -a', ''],
  ['-f %IP%', '--srcaddr %IP%', '-f 10.0.0.1', '-f %IP%/24', '', '-f 0/0', '--srcaddr=%IP%'],
  ['-d 22', '--dstport 53', '-d ssh', '-d 80:82', '-d 022', '', '--dstport=22', '-d 22,80'],
  ['-p tcp', '-p udp', '', '-p all', '--proto udp', '-p icmp', '-p 6'],
  ['-c INPUT', '', '-c FORWARD', '-c KNOCK', '--chain INPUT', '-c OUTPUT'],
  ['', '-v', '-t', '--comment x', '-m x', '--comment=x', '-m', '--verbose', '-h', '--test'],
];
