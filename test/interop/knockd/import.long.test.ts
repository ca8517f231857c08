import { describe, expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { compareReach } from './both.ts';

const MINUTES = 60_000;
const PORTS = [21, 22, 53, 80, 443, 1194, 8000, 8001, 8002, 8003, 51_820].flatMap((port) => [
  `tcp/${port}`,
  `udp/${port}`,
]);
const COUNT = 60;
const SEED = 11;

/** What rules are put together from: the first of each is what good ones have. */
const PARTS = [
  [
    '-A INPUT',
    '-I INPUT',
    '-I INPUT 1',
    '-A FORWARD',
    '-A OUTPUT',
    '-D INPUT',
    '-t nat -A INPUT',
    '-A INPUT -w 1',
    '-C INPUT',
  ],
  ['-s %IP%', '-s %IP%/32', '-s %IP%/24', '', '! -s %IP%', '-s 10.0.0.1', '-s 10.0.0.1,%IP%', '-s 0.0.0.0/0'],
  ['-p tcp', '-p udp', '-p 6', '-p UDP', '-p all', '-p icmp', '-p gre', '-p 47', '-p sctp', ''],
  [
    '',
    '-m tcp',
    '-m udp',
    '-m state --state NEW',
    '-m conntrack --ctstate ESTABLISHED',
    '-m comment --comment x',
    '-i lo',
    '-i eth0',
    '-d 10.0.0.9',
    '--syn',
  ],
  [
    '--dport 22',
    '--dport ssh',
    '--dport 022',
    '--dport 0x35',
    '--dport 53:80',
    '--dports 22,80',
    '-m multiport --dports 22,80:443',
    '-m multiport --dport domain',
    '',
    '--dpor 22',
  ],
  ['-j ACCEPT', '--jump ACCEPT', '-j DROP', '-j LOG', '', '-j ACCEPT -j ACCEPT'],
];

/** Always the same commands: mulberry32. */
function randomCommands(): string[] {
  let state = SEED;
  const below = (most: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
  const rule = () =>
    PARTS.map((choices) => choices[below(3) > 0 ? 0 : below(choices.length)] ?? '').filter((part) => part !== '');
  return Array.from({ length: COUNT }, () => {
    const commands = Array.from({ length: 1 + below(2) }, () => ['iptables', ...rule()].join(' '));
    return commands.join([' ; ', ' && ', ' || '][below(3)]);
  });
}

describe('doors of a real knockd, imported', () => {
  it('with any rule of iptables never open more at the gate', { timeout: 20 * MINUTES }, async () => {
    const commands = randomCommands();
    const reaches = await compareReach('random', commands, PORTS);
    for (const [i, { knockd, gate }] of reaches.entries())
      expect([commands[i], gate.filter((each) => !knockd.includes(each))]).toEqual([commands[i], []]);
    const [theirs, ours] = [
      reaches.filter(({ knockd }) => knockd.length > 0),
      reaches.filter(({ gate }) => gate.length > 0),
    ];
    expect(ours.length).toBeGreaterThan(0);
    figure(
      `import-knockd: of ${COUNT} random commands ${theirs.length} open something at knockd, ${ours.length} at the gate, none more`,
    );
  });
});
