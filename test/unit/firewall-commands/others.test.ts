import { describe, expect, it } from 'vitest';
import { formatPortRange } from '../../../src/base/ports.ts';
import { parseFirewalld } from '../../../src/firewall-commands/firewalld.ts';
import { parseNft } from '../../../src/firewall-commands/nft.ts';
import type { Effect } from '../../../src/firewall-commands/rule.ts';
import { parseUfw } from '../../../src/firewall-commands/ufw.ts';

function shown(effect: Effect): string {
  if (effect.does === 'refused') return `refused: ${effect.why}`;
  if (effect.does === 'reload' || effect.does === 'nothing') return effect.does;
  if (effect.rule === undefined) return effect.does;
  const { family = 'both', source, ports, conditions, unfit } = effect.rule;
  return [
    effect.does,
    family,
    source,
    ports.map(formatPortRange).join(' '),
    ...conditions.map((each) => `if ${each}`),
    ...(unfit === undefined ? [] : [`not: ${unfit}`]),
    ...('seconds' in effect ? [`for ${effect.seconds} s`] : []),
    ...('atReload' in effect && effect.atReload ? ['at reload'] : []),
  ].join(' | ');
}

describe('the words of nft', () => {
  const read = (text: string) => parseNft(text.split(' ')).map(shown);
  const rule = (text: string) => read(`add rule inet filter input ${text}`)[0];

  it.each([
    ['ip saddr %IP% tcp dport 22 accept', 'allow | ipv4 | knocker | tcp/22'],
    [
      'ip saddr { %IP% } tcp dport { 22, 80-82, https } counter accept',
      'allow | ipv4 | knocker | tcp/22 tcp/80-82 tcp/443',
    ],
    ['ip saddr %IP%/32 tcp dport == 22 accept', 'allow | ipv4 | knocker | tcp/22'],
    ['ip6 saddr %IP% udp dport 53 accept', 'allow | ipv6 | knocker | udp/53'],
    ['tcp dport ssh ip saddr %IP% accept comment "knock"', 'allow | ipv4 | knocker | tcp/22'],
    ['tcp dport "ssh" accept', 'allow | both | anybody | tcp/22'],
    ['ip saddr %IP% meta l4proto { tcp, udp } th dport 53 accept', 'allow | ipv4 | knocker | tcp/53 udp/53'],
    ['ip saddr %IP% th dport 53 accept', 'allow | ipv4 | knocker | tcp/53 udp/53'],
    ['ip saddr %IP% ip protocol tcp tcp dport 22 accept', 'allow | ipv4 | knocker | tcp/22'],
    ['ip saddr %IP% ip protocol 17 accept', 'allow | ipv4 | knocker | udp/0-65535'],
    ['meta nfproto ipv4 tcp dport 22 ct state { new, established } accept', 'allow | ipv4 | anybody | tcp/22'],
    [
      'ip saddr %IP% tcp dport 22 ct state new,established counter packets 0 bytes 0 log prefix "a b" level info accept',
      'allow | ipv4 | knocker | tcp/22',
    ],
    ['ip saddr %IP% tcp flags & (fin|syn|rst|ack) == syn tcp dport 22 accept', 'allow | ipv4 | knocker | tcp/22'],
    ['ip saddr %IP% tcp flags syn tcp dport 22 accept', 'allow | ipv4 | knocker | tcp/22'],
    ['ip saddr %IP% accept', 'allow | ipv4 | knocker | tcp/0-65535 udp/0-65535'],
    ['position 4 ip saddr %IP% tcp dport 22 accept', 'allow | ipv4 | knocker | tcp/22'],
    ['iifname "eth0" ip saddr %IP% tcp dport 22 accept', 'allow | ipv4 | knocker | tcp/22 | if iifname eth0'],
    ['ip saddr %IP% ip daddr 10.0.0.9 tcp dport 22 accept', 'allow | ipv4 | knocker | tcp/22 | if ip daddr 10.0.0.9'],
    [
      'ip saddr %IP% tcp sport 1024-2048 tcp dport 22 accept',
      'allow | ipv4 | knocker | tcp/22 | if tcp sport 1024-2048',
    ],
    [
      'ip saddr %IP% tcp dport 22 limit rate 3/minute burst 5 packets accept',
      'allow | ipv4 | knocker | tcp/22 | if limit rate 3/minute burst 5 packets',
    ],
    ['ip saddr %IP% tcp dport 22 counter', 'nothing'],
  ])('that are understood: %s', (words, effect) => {
    expect(rule(words)).toBe(effect);
  });

  it.each([
    ['ip saddr %IP% ip protocol icmp accept', 'the protocol icmp'],
    ['ip saddr %IP% icmp type echo-request accept', 'nft’s icmp is not understood'],
    ['ip saddr != %IP% tcp dport 22 accept', 'turns a condition round'],
    ['ip saddr 10.0.0.1 tcp dport 22 accept', 'not who has knocked'],
    ['ip saddr @known tcp dport 22 accept', 'the set @known'],
    ['ip saddr %IP% tcp dport @ports accept', 'the set @ports'],
    ['ip saddr %IP% tcp dport != 22 accept', 'turns a condition round'],
    ['ip saddr %IP% tcp dport 022 accept', '“022”'],
    ['ip saddr %IP% tcp dport 22 tcp dport 23 accept', 'ports twice'],
    ['ip saddr %IP% ip saddr 10.0.0.1 tcp dport 22 accept', 'source twice'],
    ['ip saddr %IP% tcp dport 22 udp dport 22 accept', 'two protocols'],
    ['ip saddr %IP% ip6 saddr ::1 tcp dport 22 accept', 'IPv4 and IPv6'],
    ['ip saddr %IP% tcp dport 22 ct state established accept', 'no new connections'],
    ['ip saddr %IP% tcp dport 22 ct status dnat accept', 'ct status is not understood'],
    ['ip saddr %IP% tcp dport 22 meta mark set 1 accept', 'meta mark is not understood'],
    ['ip saddr %IP% tcp dport 22 accept drop', 'goes on behind accept'],
    ['ip saddr %IP% tcp dport 22 drop', 'it blocks'],
    ['ip saddr %IP% tcp dport 22 jump knocked', 'jump is not understood'],
    ['ip saddr %IP% tcp dport 22 redirect to 2222', 'redirect is not understood'],
    ['ip saddr %IP% dport 22 accept', 'dport is not understood'],
    ['ip saddr { %IP% tcp dport 22 accept', 'its { has no }'],
    ['ip saddr', 'ends too early'],
    ['ip saddr %IP% tcp flags != syn accept', 'tcp flags are not understood'],
    ['ip saddr %IP% tcp flags & (fin|syn|rst|syn) == ack accept', 'tcp flags are not understood'],
    ['ip saddr %IP% tcp flags & (fin|syn|rst|ack) == ack accept', 'tcp flags are not understood'],
    ['ip saddr %IP% tcp flags & (fin|syn|rst|rst) == syn accept', 'tcp flags are not understood'],
    ['ip saddr %IP% tcp dport 22, 80 accept', 'several values without braces'],
    ['ip saddr %IP% tcp dport ssh-https accept', '“ssh-https”'],
    ['ip saddr %IP% tcp dport 22 comment "x" accept', 'goes on behind its comment'],
    ['ip saddr %IP% tcp dport 22 accept comment tcp', 'no quotation marks'],
    ['ip saddr %IP% tcp dport 22 log prefix accept accept', 'no quotation marks'],
    ['ip saddr %IP% tcp dport 22 log level loud accept', 'log level loud'],
    ['ip saddr %IP% tcp dport 22 counter packets 0 bytes x accept', 'its counter'],
    ['ip saddr %IP% tcp dport 22 ct state { new, x } accept', 'ct state x'],
    ['ip saddr %IP% meta l4proto { tcp, udp } tcp dport 53 accept', 'two protocols'],
    ['position x ip saddr %IP% accept', 'not the number of a rule'],
  ])('that are refused: %s', (words, why) => {
    expect(rule(words)).toContain(why);
    expect(rule(words)).toMatch(/^refused: /);
  });

  it('do to the table', () => {
    const good = 'ip saddr %IP% tcp dport 22 accept';
    expect(read(`add rule filter input ${good}`)).toEqual(['allow | ipv4 | knocker | tcp/22']);
    expect(read(`-a --echo insert rule ip filter INPUT ${good}`)).toEqual(['allow | ipv4 | knocker | tcp/22']);
    expect(read(`add rule ip6 filter input ${good}`)[0]).toContain('IPv4 and IPv6');
    expect(read(`add rule inet filter forward ${good}`)[0]).toContain('not: its chain forward');
    expect(read(`add rule inet nat input ${good}`)[0]).toContain('not: its table nat');
    expect(read(`add rule inet filter knockd ${good}`)[0]).toContain('if chain knockd');
    expect(read(`add rule bridge filter input ${good}`)[0]).toContain('other packets');
    expect(read('delete rule inet filter input handle 7')).toEqual(['remove']);
    expect(read(`replace rule inet filter input handle 7 ${good}`)[0]).toContain('replace rule is not understood');
    expect(read('add element inet filter allowed { %IP% }')[0]).toContain('adds to a set');
    expect(read('flush ruleset')[0]).toContain('flush ruleset is not understood');
    expect(read('-f /etc/nftables.conf')[0]).toContain('-f is not understood');
    expect(
      parseNft([`add rule inet filter input ${good}; add rule inet filter input udp dport 53 accept`]).map(shown),
    ).toEqual(['allow | ipv4 | knocker | tcp/22', 'allow | both | anybody | udp/53']);
    expect(parseNft(['add rule inet filter input "']).map(shown)[0]).toContain('characters that are not understood');
  });
});

describe('the words of ufw', () => {
  const read = (text: string) => shown(parseUfw(text.split(' ')));

  it.each([
    ['allow from %IP% to any port 22 proto tcp', 'allow | both | knocker | tcp/22'],
    ['allow proto udp from %IP% to any port 53', 'allow | both | knocker | udp/53'],
    ['allow from %IP% to any port 22', 'allow | both | knocker | tcp/22 udp/22'],
    ['allow from %IP% to any port ssh', 'allow | both | knocker | tcp/22'],
    ['allow from %IP% to any port domain', 'allow | both | knocker | tcp/53 udp/53'],
    ['allow from %IP% to any app OpenSSH', 'allow | both | knocker | tcp/22'],
    ['allow from %IP% to any port 22,80,8000:8010 proto tcp', 'allow | both | knocker | tcp/22 tcp/80 tcp/8000-8010'],
    ['allow from %IP%', 'allow | both | knocker | tcp/0-65535 udp/0-65535'],
    ['allow from %IP% to any proto tcp', 'allow | both | knocker | tcp/0-65535'],
    ['allow from %IP%/24 to any port 22 proto tcp', 'allow | both | knocker | tcp/22'],
    ['allow from %IP%/32 to any port 22 proto tcp', 'allow | both | knocker | tcp/22'],
    ['allow from %IP%/33 to any port 22 proto tcp', 'allow | ipv6 | knocker | tcp/22'],
    ['allow from %IP%/64 to any port 22 proto tcp', 'allow | ipv6 | knocker | tcp/22'],
    ['allow from %IP%/128 to any port 22 proto tcp', 'allow | ipv6 | knocker | tcp/22'],
    // Rules of IPv4 have the first places.
    ['insert 1 allow in log to any port 22 proto tcp from %IP% comment x', 'allow | ipv4 | knocker | tcp/22'],
    ['insert 1 allow 22/tcp', 'allow | both | anybody | tcp/22'],
    ['prepend allow from %IP% to any port 22 proto tcp', 'allow | both | knocker | tcp/22'],
    ['prepend allow from %IP% to 0.0.0.0/0 port 22 proto tcp', 'allow | ipv4 | knocker | tcp/22'],
    ['allow from %IP% to ::/0 port 22 proto tcp', 'allow | ipv6 | knocker | tcp/22'],
    ['--force delete 3', 'remove'],
    ['allow 22/tcp', 'allow | both | anybody | tcp/22'],
    ['allow ssh', 'allow | both | anybody | tcp/22'],
    ['allow OpenSSH', 'allow | both | anybody | tcp/22'],
    ['delete allow from %IP% to any port 22 proto tcp', 'remove | both | knocker | tcp/22'],
    ['delete 3', 'remove'],
    ['allow in on eth0 from %IP% to any port 22 proto tcp', 'allow | both | knocker | tcp/22 | if on eth0'],
    ['limit from %IP% to any port 22 proto tcp', 'allow | both | knocker | tcp/22 | if limit'],
    [
      'allow from %IP% port 99 to 10.0.0.1 port 22 proto tcp',
      'allow | ipv4 | knocker | tcp/22 | if from port 99 | if to 10.0.0.1',
    ],
  ])('that are understood: %s', (words, effect) => {
    expect(read(words)).toBe(effect);
  });

  it.each([
    ['--force allow from %IP% to any port 22 proto tcp', '--force only before delete'],
    ['insert 0 allow from %IP% to any port 22 proto tcp', 'no position 0'],
    ['allow from %IP%/64 to 10.0.0.1 port 22 proto tcp', 'of IPv4 and of IPv6'],
    ['deny from %IP%', 'it blocks (deny)'],
    ['delete deny from %IP%', 'takes away a rule that blocks'],
    ['route allow from %IP% to any port 22', 'packets to other hosts'],
    ['allow out to %IP%', 'goes out'],
    ['allow from 10.0.0.1 to any port 22', 'not who has knocked'],
    ['allow from %IP%/129 to any port 22', 'not who has knocked'],
    ['allow from %IP%/064 to any port 22', 'not who has knocked'],
    ['allow from %IP%/24/24 to any port 22', 'not who has knocked'],
    ['allow from %IP%/ to any port 22', 'not who has knocked'],
    ['allow from %IP% to any port 22 proto esp', 'the protocol esp'],
    ['allow from %IP% to any port 22 proto TCP', 'the protocol TCP'],
    ['allow from %IP% to any port 22,80', 'wants proto'],
    ['allow from %IP% to any port 22:25', 'wants proto'],
    ['allow from %IP% to any port 22/tcp', '“22/tcp”'],
    ['allow from %IP% to any port 0 proto tcp', '“0”'],
    ['allow from %IP% to any app Nginx', 'the profile Nginx'],
    ['allow Nginx', '“Nginx”'],
    ['allow from %IP% to any port 22 to any port 23', 'to occurs twice'],
    ['allow from %IP% to any port 22 port 23', 'port occurs twice'],
    ['allow proto tcp port 22 from %IP%', 'before from and to'],
    ['allow from %IP% to any port 22 comment x y', '“y”'],
    ['--dry-run allow from %IP%', 'ufw --dry-run is not understood'],
    ['reload', 'ufw reload is not understood'],
    ['disable', 'ufw disable is not understood'],
    ['allow', 'ends too early'],
    ['allow from', 'ends too early'],
  ])('that are refused: %s', (words, why) => {
    expect(read(words)).toContain(why);
    expect(read(words)).toMatch(/^refused: /);
  });
});

describe('the words of firewall-cmd', () => {
  const read = (...argv: string[]) => parseFirewalld(argv).map(shown).join(' & ');
  const rich = (text: string) => read(`--add-rich-rule=rule ${text}`);
  const KNOCKER = 'family="ipv4" source address="%IP%"';

  it.each([
    [`${KNOCKER} port port="22" protocol="tcp" accept`, 'allow | ipv4 | knocker | tcp/22'],
    [
      'family=ipv4 source address=%IP% port protocol=udp port=60000-60010 accept',
      'allow | ipv4 | knocker | udp/60000-60010',
    ],
    [`${KNOCKER} service name='ssh' log prefix="a b" level="info" accept`, 'allow | ipv4 | knocker | tcp/22'],
    [`priority="-1" ${KNOCKER} accept`, 'allow | ipv4 | knocker | tcp/0-65535 udp/0-65535'],
    ['family="ipv6" source address="%IP%/64" port port="22" protocol="tcp" accept', 'allow | ipv6 | knocker | tcp/22'],
    ['port port="22" protocol="tcp" accept', 'allow | both | anybody | tcp/22'],
    [
      `${KNOCKER} destination address="10.0.0.1" port port="22" protocol="tcp" accept limit value="3/m"`,
      'allow | ipv4 | knocker | tcp/22 | if destination 10.0.0.1 | if limit 3/m',
    ],
  ])('that are understood: %s', (words, effect) => {
    expect(rich(words).replace('rule priority', 'priority')).toBe(effect);
  });

  it.each([
    [`${KNOCKER} port port="22" protocol="tcp" drop`, '“drop”'],
    [`${KNOCKER} port port="22" protocol="tcp"`, 'does not accept'],
    ['source address="%IP%" port port="22" protocol="tcp" accept', 'wants a family'],
    ['family="ipv4" source address="10.0.0.1" accept', 'not who has knocked'],
    ['family="ipv4" source NOT address="%IP%" accept', '“NOT”'],
    ['family="ipv4" source ipset="x" accept', '“ipset”'],
    [`${KNOCKER} protocol value="icmp" accept`, '“protocol”'],
    [`${KNOCKER} service name="mosh" accept`, 'the service mosh'],
    [`${KNOCKER} service name="constructor" accept`, 'the service constructor'],
    [`${KNOCKER} port port="22" protocol="sctp" accept`, 'not a port of TCP or UDP'],
    [`${KNOCKER} port port="22" protocol="tcp" service name="ssh" accept`, 'a port and a service'],
    [`${KNOCKER} forward-port port="22" protocol="tcp" to-port="2222" accept`, '“forward-port”'],
    [`${KNOCKER} port port="22" protocol="tcp" accept accept`, '“accept”'],
    [`${KNOCKER} service accept`, 'its service has no name'],
    [`${KNOCKER} port port="22" accept`, 'not a port of TCP or UDP'],
    [`${KNOCKER} port protocol="tcp" accept`, 'not a port of TCP or UDP'],
    [`${KNOCKER} destination accept`, 'its destination is not an address'],
    [`${KNOCKER} accept limit`, 'its limit has no value'],
    [`${KNOCKER} log level="loud" accept`, 'its log level loud'],
    ['accept', 'neither a source nor a port'],
    ['priority="x" family="ipv4" source address="%IP%" accept', 'its priority x'],
    ['priority="32768" family="ipv4" source address="%IP%" accept', 'its priority 32768'],
    ['family="ipv4" source address="%IP%/64" accept', 'not who has knocked'],
  ])('that are refused: %s', (words, why) => {
    expect(rich(words)).toContain(why);
    expect(rich(words)).toMatch(/^refused: /);
  });

  it('do to the zone', () => {
    const rule = `rule ${KNOCKER} port port="22" protocol="tcp" accept`;
    const ssh = 'allow | ipv4 | knocker | tcp/22';
    expect(read('--zone=public', '--add-rich-rule', rule, '--timeout=5m', '-q')).toBe(`${ssh} | for 300 s`);
    expect(read('--zone', 'internal', `--add-rich-rule=${rule}`)).toBe(`${ssh} | if zone internal`);
    expect(read('--permanent', `--add-rich-rule=${rule}`)).toBe(`${ssh} | at reload`);
    expect(read('--reload')).toBe('reload');
    expect(read(`--remove-rich-rule=${rule}`)).toBe('remove | ipv4 | knocker | tcp/22');
    expect(read('--add-port=22/tcp', '--add-port=443/tcp')).toBe(
      'allow | both | anybody | tcp/22 & allow | both | anybody | tcp/443',
    );
    expect(read('--add-port=22/tcp', '--add-service=https')).toContain('one kind of thing at a time');
    expect(read('--permanent', '--timeout=5', '--add-port=22/tcp')).toContain('refuses --timeout beside --permanent');
    expect(read('--zone=trusted', '--timeout=5', '--add-source=%IP%')).toContain(
      'refuses --timeout beside --add-source',
    );
    expect(read('--add-source=%IP%', '--zone=trusted')).toBe('allow | both | knocker | tcp/0-65535 udp/0-65535');
    expect(read('--add-source=%IP%', '--zone=work')).toContain('its zone work');
    expect(read('--add-source=10.0.0.1', '--zone=trusted')).toContain('not who has knocked');
    expect(read(...'--direct --add-rule ipv4 filter INPUT 0 -s %IP% -p tcp --dport 22 -j ACCEPT'.split(' '))).toContain(
      'lets nobody in by itself',
    );
    expect(read('--add-masquerade', 'x')).toContain('--add-masquerade is not understood');
    expect(read('--panic-off', 'x')).toContain('--panic-off is not understood');
    expect(read('--zone=public')).toContain('neither adds nor takes away');
    expect(read('--timeout=1d', '--add-port=22/tcp')).toContain('“1d”');
    expect(read('--zone=a', '--zone=b', '--add-port=22/tcp')).toContain('occurs twice');
    expect(read('--add-port')).toContain('has no value');
    expect(read('add-port')).toContain('“add-port”');
  });
});
