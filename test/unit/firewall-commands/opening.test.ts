import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Family } from '../../../src/base/addresses.ts';
import { formatPortRange } from '../../../src/base/ports.ts';
import { type Opening, openingOf } from '../../../src/firewall-commands/opening.ts';

const A = 'iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';
const A_AWAY = A.replace('-A', '-D');
const B = 'iptables -I INPUT -s %IP% -p udp --dport 53 -j ACCEPT';
const SIX = A.replace('iptables', 'ip6tables');
const RELOADED = `firewall-cmd --permanent --add-rich-rule='rule family="ipv4" source address="%IP%" port port="22" protocol="tcp" accept'`;

function shown(opening: Opening): string {
  if (opening.does === 'unknown') return `unknown: ${opening.why}`;
  const { programs, dropped } = opening;
  const others = [
    ...programs.map((argv) => `runs ${argv.join(' ')}`),
    ...dropped.map((argv) => `drops ${argv.join(' ')}`),
  ];
  if (opening.does !== 'open') return [opening.does, ...others].join(' | ');
  const { ports, seconds, conditions, isForEverybody } = opening;
  return [
    `open ${ports.map(formatPortRange).join(' ')}`,
    ...(seconds === undefined ? [] : [`for ${seconds} s`]),
    ...conditions.map((each) => `if ${each}`),
    ...(isForEverybody ? ['for everybody'] : []),
    ...others,
  ].join(' | ');
}

const read = (line: string, family: Family = 'ipv4') => shown(openingOf(line, family));

describe('a line of commands', () => {
  it.each([
    [A, 'open tcp/22'],
    [`${A}; ${B}`, 'open tcp/22 udp/53'],
    [`${A} && ${B}`, 'open tcp/22 udp/53'],
    [`${A} || ${B}`, `open tcp/22 | drops ${B}`],
    [`${A_AWAY}; ${A}`, 'open tcp/22'],
    [`${A_AWAY} 2>/dev/null; ${A}`, 'open tcp/22'],
    [`${A}; sleep 20; ${A_AWAY}`, 'open tcp/22 | for 20 s'],
    [`${A} && sleep 1m && ${A_AWAY}`, 'open tcp/22 | for 60 s'],
    [`${A}; ${B}; sleep 9; ${A_AWAY}`, 'open tcp/22 udp/53 | for 9 s'],
    [`${A.replace('-A', '-C')} || ${A}`, 'open tcp/22'],
    [`${A.replace('-A', '-C')} 2>/dev/null || ${A.replace('-A', '-I')}`, 'open tcp/22'],
    [`sh -c '${A}; ${B}'`, 'open tcp/22 udp/53'],
    [`/bin/bash -c "sudo ${A}"`, 'open tcp/22'],
    [`${A}; /opt/tell %IP%`, 'open tcp/22 | runs /opt/tell %IP%'],
    [`${A} && logger 'knock by %IP%'`, 'open tcp/22 | drops logger knock by %IP%'],
    [`echo %IP% && ${A}`, 'open tcp/22 | drops echo %IP%'],
    ['iptables -A INPUT -p tcp --dport 22 -j ACCEPT', 'open tcp/22 | for everybody'],
    [`${A.replace('-p', '-i eth1 -p')}; ${B}`, 'open tcp/22 udp/53 | if -i eth1'],
    [`${A}; iptables -A INPUT -s %IP% -j LOG`, 'open tcp/22'],
    [`${SIX}; ${A}`, 'open tcp/22'],
    [`${SIX} || ${A}`, 'open tcp/22'],
    [`firewall-cmd --add-port=22/tcp --timeout=30`, 'open tcp/22 | for 30 s | for everybody'],
    [`${RELOADED} && firewall-cmd --reload`, 'open tcp/22'],
    [`${RELOADED}; ${RELOADED.replace('--add', '--remove')}; firewall-cmd --reload`, 'close'],
    [A_AWAY, 'close'],
    ['iptables -D INPUT 3; /opt/tell', 'close | runs /opt/tell'],
    [`iptables -D INPUT 3; ${A}`, 'open tcp/22'],
    [`${A}; sleep 9; ${A_AWAY}; iptables -D INPUT 3`, 'open tcp/22 | for 9 s'],
    [`${A}; ${A_AWAY}`, 'close'],
    ['/opt/wake %IP%', 'run | runs /opt/wake %IP%'],
    ['/opt/wake; /opt/tell', 'run | runs /opt/wake | runs /opt/tell'],
    ['logger knock', 'run | drops logger knock'],
  ])('is understood: %s', (line, opening) => {
    expect(read(line)).toBe(opening);
  });

  it.each([
    ['', 'no command'],
    ['# nothing', 'no command'],
    [`/opt/check %IP% && ${A}`, 'only when the command before succeeds'],
    [`/opt/check %IP% || ${A}`, 'only when the command before fails'],
    [`${A_AWAY} && ${A}`, 'only when the command before succeeds'],
    [`${A.replace('-A', '-C')} || ${B}`, 'only when the command before fails'],
    [`${A.replace('-A', '-C')} && ${A}`, 'only when the command before succeeds'],
    [`${A}; iptables -P INPUT ACCEPT`, '-P is not understood'],
    [`${A}; ipset add x %IP%`, 'ipset'],
    [`${A}; iptables -A INPUT -s %IP% -j DROP`, 'it blocks'],
    [`${A}; ${A.replace('INPUT', 'FORWARD')}`, 'its chain FORWARD'],
    [`${A}; sleep 10; iptables -D INPUT 1`, 'by its number'],
    [`${A}; iptables -D INPUT 1`, 'by its number'],
    [`${A}; ${B}; sleep 9; ${A_AWAY}; iptables -D INPUT 1`, 'by its number'],
    ['ufw allow from %IP% to any port 22; sleep 9; ufw --force delete 1', 'by its number'],
    [
      'nft add rule ip filter input ip saddr %IP% accept; sleep 9; nft delete rule ip filter input handle 9',
      'by its number',
    ],
    ['firewall-cmd --add-port=22/tcp --timeout=30; sleep 9; iptables -D INPUT 1', 'by its number'],
    [`sleep 5; ${A}`, 'waits before it opens'],
    [`${A}; sleep 5; ${B}`, 'waits before it opens'],
    [RELOADED, 'only when the firewall is reloaded'],
    [`${A}; ${RELOADED}; firewall-cmd --reload`, 'forgets what was opened'],
    [SIX, 'it opens nothing'],
    ['iptables -A INPUT -s %IP% -j LOG', 'it opens nothing'],
    [`iptables -A KNOCKD -s %IP% -j LOG && ${A}`, 'only when the command before succeeds'],
    [`${A} | cat`, '“|”'],
    ['iptables-restore /etc/rules', 'iptables-restore'],
    ['/sbin/shorewall allow %IP%', 'shorewall'],
  ])('is unknown: %s', (line, why) => {
    expect(read(line)).toContain(why);
    expect(read(line)).toMatch(/^unknown: /);
  });

  it('opens for the addresses that its programs take', () => {
    expect(read(A, 'ipv6')).toBe('unknown: it opens nothing');
    expect(read(SIX, 'ipv6')).toBe('open tcp/22');
    expect(read(`${A} || ${SIX}`, 'ipv6')).toBe('open tcp/22');
    expect(read(`${A} && ${SIX}`, 'ipv6')).toBe('unknown: it opens nothing');
    expect(read('ufw allow from %IP% to any port 22 proto tcp', 'ipv6')).toBe('open tcp/22');
    expect(read('ufw allow from %IP%/64 to any port 22 proto tcp', 'ipv6')).toBe('open tcp/22');
    expect(read('ufw allow from %IP%/64 to any port 22 proto tcp', 'ipv4')).toBe('unknown: it opens nothing');
    const rich = `--add-rich-rule='rule family="ipv4" source address="%IP%/64" accept'`;
    expect(read(`firewall-cmd ${rich}`, 'ipv4')).toContain('not who has knocked');
    expect(read('nft add rule inet filter input ip saddr %IP%/64 accept', 'ipv4')).toContain('not who has knocked');
    expect(read('iptables -A INPUT -s %IP%/64 -j ACCEPT', 'ipv4')).toContain('not who has knocked');
  });

  it('names ports to wait for, also where it opens none here', () => {
    const portsOf = (line: string) => {
      const opening = openingOf(line, 'ipv4');
      return opening.does === 'unknown' ? [opening.ports.map(formatPortRange), opening.isFirewall] : [];
    };
    expect(portsOf(A.replace('INPUT', 'FORWARD'))).toEqual([['tcp/22'], true]);
    expect(portsOf(`/opt/check && ${A}`)).toEqual([['tcp/22'], true]);
    expect(portsOf('nft -f x | cat')).toEqual([[], true]);
    expect(portsOf('/opt/x | cat')).toEqual([[], false]);
  });

  it('is read, or said to be unknown, whatever is in it', () => {
    const word = fc.constantFrom(
      ...`iptables ip6tables nft ufw firewall-cmd knock_add sudo sh -c sleep 5 -A -I -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT add rule inet
      filter input ip saddr accept { } , allow from to any port --add-rich-rule= rule family=ipv4 -m multiport --dports 22,80 ; && || ' " # ! --zone=x
      -f -d --permanent --reload`.split(/\s+/),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (line) => {
          for (const family of ['ipv4', 'ipv6'] as const) {
            const opening = openingOf(line, family);
            if (opening.does === 'open') expect(opening.ports).not.toEqual([]);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
