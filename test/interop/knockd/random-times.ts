import type { Random } from '../../rig/random.ts';
import type { TimedDoor } from './durations.ts';

const SSH = 'INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';
const DNS = 'INPUT -s %IP% -p udp --dport 53 -j ACCEPT';

/** Start commands, with iptables or ip6tables for `T`. The first is the usual one. */
const STARTS = [
  `T -A ${SSH}`,
  `T -I ${SSH}`,
  `T -A ${SSH}; sleep 3; T -D ${SSH}`,
  `T -A ${SSH}; sleep 2s; T -D ${SSH}`,
  `T -A ${SSH}; T -A ${DNS}; sleep 2; T -D ${SSH}; sleep 3; T -D ${DNS}`,
  `T -A ${SSH}; T -A ${DNS}; sleep 2; T -D ${DNS}`,
  `T -A ${SSH}; sleep 1; logger open; sleep 2; T -D ${SSH}`,
  `T -A ${SSH} && sleep 2; T -D ${SSH}`,
  `T -A ${SSH}; sleep 1; T -A ${SSH}; sleep 2; T -D ${SSH}`,
  `T -A ${SSH}; T -D ${SSH}; T -A ${DNS}; sleep 2; T -D ${DNS}`,
  `T -D ${SSH}; T -A ${SSH}; sleep 4; T -D ${SSH}`,
  `T -C ${SSH} || T -A ${SSH}; sleep 3; T -D ${SSH}`,
  `sleep 1; T -A ${SSH}`,
  `T -A ${SSH}; sleep 3; T -D INPUT -s %IP%/32 -p 6 -m tcp --destination-port ssh -j ACCEPT`,
  `T -A ${SSH}; sleep 0.5; T -D ${SSH}`,
];
const STOPS = [
  `T -D ${SSH}`,
  undefined,
  '',
  'logger shut',
  `sleep 2; T -D ${SSH}`,
  `T -D ${DNS}`,
  `T -D ${SSH}; T -D ${DNS}`,
];
const TIMEOUTS = ['3', undefined, '1', '2 # s', '0', 'never', '+2', '4.9', '007', '', '-1', '0x4', '5 6', '1e9'];

const usually = <T>(random: Random, values: readonly T[]): T | undefined =>
  random.below(2) > 0 ? values[0] : random.pick(values);

/** A door with a random time to be open, knocked at once or more often. */
export function randomTimedDoor(random: Random): TimedDoor {
  const program = random.below(4) > 0 ? 'iptables' : 'ip6tables';
  const hasSecond = program === 'iptables' && random.below(2) > 0;
  const isOverIPv6 = program === 'ip6tables' || (hasSecond && random.below(2) > 0);
  const of = (text: string, name: string) => text.replace(/\bT\b/g, name);
  const [timeout, stop, stop6] = [
    usually(random, TIMEOUTS),
    usually(random, STOPS),
    hasSecond ? usually(random, STOPS) : undefined,
  ];
  return {
    command: of(usually(random, STARTS) ?? '', program),
    ...(hasSecond && { command6: of(usually(random, STARTS) ?? '', 'ip6tables') }),
    over: isOverIPv6 ? 'IPv6' : 'IPv4',
    times: random.below(4) > 0 ? 1 : 2,
    more: [
      ...(timeout === undefined ? [] : [`cmd_timeout = ${timeout}`]),
      ...(stop === undefined ? [] : [`stop_command = ${of(stop, program)}`]),
      ...(stop6 === undefined ? [] : [`stop_command_6 = ${of(stop6, 'ip6tables')}`]),
    ],
  };
}
