import { describe, expect, it } from 'vitest';
import { formatPortRange } from '../../../src/base/ports.ts';
import { parseIptables } from '../../../src/firewall-commands/iptables.ts';
import { parseKnockAdd } from '../../../src/firewall-commands/knock-add.ts';
import type { Effect } from '../../../src/firewall-commands/rule.ts';

/** Effect on one line. */
function shown(effect: Effect): string {
  if (effect.does === 'refused') return `refused: ${effect.why}`;
  if (effect.does === 'reload' || effect.does === 'nothing') return effect.does;
  if (effect.rule === undefined) return effect.does;
  const { source, ports, conditions, unfit } = effect.rule;
  const parts = [effect.does, source, ports.map(formatPortRange).join(' '), ...conditions.map((each) => `if ${each}`)];
  return [...parts, ...(unfit === undefined ? [] : [`not: ${unfit}`])].join(' | ');
}

const read = (text: string) => shown(parseIptables(text.split(' '), 'ipv4'));
const rule = (words: string) => read(`-A INPUT ${words} -j ACCEPT`);
const SSH = '-s %IP% -p tcp --dport 22';

describe('the words of iptables', () => {
  it.each([
    ['-s %IP% -p udp --dport 53', 'allow | knocker | udp/53'],
    ['-s %IP% -p 6 --dport=22', 'allow | knocker | tcp/22'],
    ['-s %IP% -p TCP --dport 22', 'allow | knocker | tcp/22'],
    ['--src %IP% --proto udp --destination-port domain', 'allow | knocker | udp/53'],
    ['-s %IP%/24 -p tcp --dport 22', 'allow | knocker | tcp/22'],
    ['-s %IP%/255.255.255.255 -p tcp --dport 22', 'allow | knocker | tcp/22'],
    ['-s 10.0.0.1,%IP% -p tcp --dport 22', 'allow | knocker | tcp/22'],
    ['-s 0.0.0.0/0 -p tcp --dport 22', 'allow | anybody | tcp/22'],
    ['-p tcp --dport 22', 'allow | anybody | tcp/22'],
    ['-s %IP%', 'allow | knocker | tcp/0-65535 udp/0-65535'],
    ['-s %IP% -p all', 'allow | knocker | tcp/0-65535 udp/0-65535'],
    ['-s %IP% -p tcp', 'allow | knocker | tcp/0-65535'],
    ['-s %IP% -p tcp -m multiport --dports 22,80:82,https', 'allow | knocker | tcp/22 tcp/80-82 tcp/443'],
    ['-s %IP% -p tcp -m multiport --destination-ports 22', 'allow | knocker | tcp/22'],
    [`${SSH} --syn -m state --state new,RELATED -m comment --comment x -v -w 5`, 'allow | knocker | tcp/22'],
    [`${SSH} --tcp-flags SYN,RST,ACK,FIN SYN`, 'allow | knocker | tcp/22'],
    [`-c 1 2 -4 --wait ${SSH}`, 'allow | knocker | tcp/22'],
  ])('that are understood: %s', (words, effect) => {
    expect(rule(words)).toBe(effect);
  });

  it.each([
    [`-i eth1 ${SSH}`, '-i eth1'],
    [`-d 192.0.2.1 ${SSH}`, '-d 192.0.2.1'],
    [`${SSH} --sport 1024`, '--sport 1024'],
    [`${SSH} --tcp-flags ALL SYN`, '--tcp-flags ALL SYN'],
    [`${SSH} -m limit --limit 3/min`, '-m limit | if --limit 3/min'],
    [`${SSH} -m time --timestart 08:00 --timestop 18:00`, '-m time | if --timestart 08:00 | if --timestop 18:00'],
    [`${SSH} -m mac --mac-source 02:00:00:00:00:01`, '-m mac | if --mac-source 02:00:00:00:00:01'],
    [`${SSH} -m recent --set --name x`, '-m recent | if --set | if --name x'],
    [`${SSH} --dpor 80`, '--dpor 80'],
  ])('that narrow in a way that a gate does not: %s', (words, conditions) => {
    expect(rule(words)).toBe(`allow | knocker | tcp/22 | if ${conditions}`);
  });

  it.each([
    ['-s %IP% -p icmp', 'the protocol icmp'],
    ['-s %IP% -p udplite --dport 22', 'the protocol udplite'],
    ['-s %IP% -p constructor', 'the protocol constructor'],
    ['-s %IP% --dport 22', 'only after -p tcp'],
    ['-s %IP% --dport 22 -p tcp', 'only after -p tcp'],
    ['-s %IP% -m tcp --dport 22', 'only after -p tcp'],
    ['-s %IP% -p udp -m tcp --dport 22', 'the same protocol'],
    ['-s %IP% -p tcp --dports 22,80', 'only after -m multiport'],
    ['-s %IP% -m multiport --dports 22', 'only after -p tcp'],
    ['-s %IP% -m multiport --dports 22 -p tcp', 'only after -p tcp'],
    ['-s %IP% -p tcp -m tcp -m multiport --dport 22', 'two matches at once'],
    ['-s %IP% -p tcp --dport 22 -m multiport --dports 22', 'ports twice'],
    [`-s %IP% -p tcp -m multiport --dports ${Array.from({ length: 16 }, (_, i) => i + 1)}`, 'more than 15 ports'],
    ['-s %IP% -p tcp --dport 022', '“022”'],
    ['-s %IP% -p tcp --dport 0x16', '“0x16”'],
    ['-s %IP% -p tcp --dport 65536', '“65536”'],
    ['-s %IP% -p tcp --dport 22,80', '“22,80”'],
    ['-s %IP% -p tcp --dport 30:20', '“30:20”'],
    ['-s %IP% -p tcp --dport SSH', '“SSH”'],
    ['-s %IP% -p tcp --dport no-such', '“no-such”'],
    [`${SSH} --dport 23`, 'occurs twice'],
    [`${SSH} -p udp`, 'occurs twice'],
    [`${SSH} -s 10.0.0.1`, 'occurs twice'],
    [`${SSH} -j DROP`, 'occurs twice'],
    ['-s 10.0.0.1 -p tcp --dport 22', 'not who has knocked'],
    ['-s x%IP% -p tcp --dport 22', 'not who has knocked'],
    ['-s %IP%/64 -p tcp --dport 22', 'not who has knocked'],
    ['! -s %IP% -p tcp --dport 22', 'turns a condition round'],
    [`${SSH} -m state --state ESTABLISHED`, 'no new connections'],
    [`${SSH} --state NEW`, 'only after -m state'],
    [`${SSH} --comment x`, 'only after -m comment'],
    [`${SSH} extra`, 'the word “extra”'],
    [`${SSH} -m state --state NEW,FOO`, 'the state FOO'],
    [`${SSH} -m state`, 'refuses -m state without an option'],
    [`${SSH} -m conntrack`, 'refuses -m conntrack without an option'],
    [`${SSH} -m comment`, 'refuses -m comment without an option'],
    [`${SSH} -c 0 x`, 'not two numbers'],
    ['--source=%IP% -p tcp --dport 22', '--source=%IP% is not understood'],
    ['-s %IP%,foo..bar -p tcp --dport 22', '“foo..bar” is not an address'],
    ['-s %IP%,10.0.0.1/99 -p tcp --dport 22', '“10.0.0.1/99” is not an address'],
    [`${SSH} -g KNOCKD`, '-g is not understood'],
    [`${SSH} -ptcp`, '-ptcp is not understood'],
    [`${SSH} -6`, 'for the other program'],
    ['-p udp --syn', 'only after -p tcp'],
  ])('that are refused: %s', (words, why) => {
    expect(rule(words)).toMatch(/^refused: /);
    expect(rule(words)).toContain(why);
  });

  it.each([
    [`-I INPUT 3 ${SSH} -j ACCEPT`, 'allow | knocker | tcp/22'],
    [`${SSH} -j ACCEPT -A INPUT`, 'allow | knocker | tcp/22'],
    [`-D INPUT ${SSH} -j ACCEPT`, 'remove | knocker | tcp/22'],
    ['-D INPUT 3', 'remove'],
    [`-C INPUT ${SSH} -j ACCEPT`, 'check | knocker | tcp/22'],
    [`-A INPUT ${SSH} -j LOG --log-prefix x`, 'nothing'],
    [`-A INPUT ${SSH}`, 'nothing'],
  ])('do to the table: %s', (words, effect) => {
    expect(read(words)).toBe(effect);
  });

  it.each([
    [`-A FORWARD ${SSH} -j ACCEPT`, 'its chain FORWARD'],
    [`-A OUTPUT -d %IP% -p tcp --dport 22 -j ACCEPT`, 'its chain OUTPUT'],
    [`-t nat -A INPUT ${SSH} -j ACCEPT`, 'its table nat'],
    [`-t nat -A PREROUTING ${SSH} -j DNAT --to-destination 10.0.0.5:22`, 'its table nat'],
    [`-A INPUT ${SSH} -j REDIRECT --to-ports 2222`, 'its target REDIRECT'],
  ])('name a port that a gate does not open: %s', (words, why) => {
    expect(read(words)).toContain(`tcp/22`);
    expect(read(words)).toContain(`not: ${why}`);
  });

  it.each([
    [`-A INPUT ${SSH} -j DROP`, 'it blocks (DROP)'],
    [`-D INPUT ${SSH} -j REJECT`, 'takes away a rule that blocks'],
    [`-A INPUT ${SSH} -j KNOCKED`, 'its target KNOCKED'],
    [`-A INPUT ${SSH} -j accept`, 'its target accept'],
    ['-P INPUT ACCEPT', '-P is not understood'],
    ['-F', '-F is not understood'],
    [`-R INPUT 1 ${SSH} -j ACCEPT`, '-R is not understood'],
    [`-A INPUT 1 ${SSH} -j ACCEPT`, 'the word “1”'],
    [`-I INPUT 0 ${SSH} -j ACCEPT`, 'the word “0”'],
    [`-A INPUT -D INPUT ${SSH} -j ACCEPT`, 'two things at once'],
    [`${SSH} -j ACCEPT`, 'neither adds nor takes away'],
    ['-A', 'no value'],
    [`-A INPUT ${SSH} -j`, 'no value'],
  ])('are refused as a whole: %s', (words, why) => {
    expect(read(words)).toMatch(/^refused: /);
    expect(read(words)).toContain(why);
  });

  it('may name any other chain, which is a condition', () => {
    expect(read(`-A KNOCKD ${SSH} -j ACCEPT`)).toBe('allow | knocker | tcp/22 | if chain KNOCKD');
    expect(read(`-A input ${SSH} -j ACCEPT`)).toBe('allow | knocker | tcp/22 | if chain input');
    expect(read(`-I ufw-user-input ${SSH} -j ACCEPT`)).toBe('allow | knocker | tcp/22');
  });

  it('of ip6tables have masks and everybody of IPv6', () => {
    const read6 = (source: string) =>
      shown(parseIptables(['-A', 'INPUT', '-s', source, '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT'], 'ipv6'));
    expect(read6('%IP%/64')).toBe('allow | knocker | tcp/22');
    expect(read6('::/0')).toBe('allow | anybody | tcp/22');
    expect(read6('0.0.0.0/0')).toContain('not who has knocked');
    expect(read6('%IP%/255.255.255.255')).toContain('not who has knocked');
  });
});

describe('the words of knock_add', () => {
  it.each([
    ['-i -c INPUT -p tcp -d 8443 -f %IP%', 'allow | knocker | tcp/8443'],
    ['-a -f %IP% -d 22 -m -v', 'allow | knocker | tcp/22'],
    ['--insert --srcaddr %IP% --dstport 53 --proto udp --chain INPUT --comment=x', 'allow | knocker | udp/53'],
    ['-x -f %IP% -d 22', 'remove | knocker | tcp/22'],
    ['-a -c KNOCKD -f %IP% -d 22', 'allow | knocker | tcp/22 | if chain KNOCKD'],
  ])('become those of iptables: %s', (words, effect) => {
    expect(shown(parseKnockAdd(words.split(' ')))).toBe(effect);
  });

  it.each([
    ['-f %IP% -d 22', 'not told what to add'],
    ['-a -d 22', 'not told what to add'],
    ['-a -f %IP%', 'not told what to add'],
    ['-a -x -f %IP% -d 22', 'two things at once'],
    ['-t -a -f %IP% -d 22', '-t is not understood'],
    ['-a -f 10.0.0.1 -d 22', 'not who has knocked'],
    ['constructor', 'constructor is not understood'],
  ])('are refused: %s', (words, why) => {
    expect(shown(parseKnockAdd(words.split(' ')))).toContain(why);
  });
});
