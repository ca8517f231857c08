import { describe, expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { compareDurations, type TimedDoor } from './durations.ts';

const MINUTES = 60_000;
const RULE = 'INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';
const A = `iptables -A ${RULE}`;
const A_AWAY = `iptables -D ${RULE}`;
const SIX = `ip6tables -A ${RULE}`;
const SIX_AWAY = `ip6tables -D ${RULE}`;
const RICH = `rich-rule='rule family="ipv4" source address="%IP%" port port="22" protocol="tcp" accept'`;

/** Each with the seconds of the imported grant; undefined: it is not carried over. */
const DOORS: readonly (readonly [door: TimedDoor, seconds: number | undefined])[] = [
  [{ command: A, more: ['cmd_timeout = 3', `stop_command = ${A_AWAY}`] }, 3],
  [{ command: A, more: [`stop_command = ${A_AWAY}`] }, 10],
  [{ command: A, more: ['cmd_timeout = 0', `stop_command = ${A_AWAY}`] }, undefined],
  // knockd leaves these open: `grant` of [gate] counts, or what is written.
  [{ command: A }, 12],
  [{ command: A, more: ['cmd_timeout = 5'] }, 5],
  [{ command: A, more: ['cmd_timeout = 5', 'stop_command ='] }, 5],
  [{ command: A, more: ['cmd_timeout = 4', 'stop_command = logger shut'] }, 4],
  // Numbers as C reads them.
  [{ command: A, more: ['cmd_timeout = 4 # s', `stop_command = ${A_AWAY}`] }, 4],
  [{ command: A, more: ['cmd_timeout = 0x9', `stop_command = ${A_AWAY}`] }, undefined],
  [{ command: A, more: ['cmd_timeout = +4.9', `stop_command = ${A_AWAY}`] }, 4],
  [{ command: A, more: ['cmd_timeout = never', `stop_command = ${A_AWAY}`] }, undefined],
  [{ command: A, more: ['cmd_timeout =', `stop_command = ${A_AWAY}`] }, undefined],
  [{ command: A, more: ['cmd_timeout = 9', 'CMD_Timeout = 3', `stop_command = ${A_AWAY}`] }, 3],
  // The command closes the port itself.
  [{ command: `${A}; sleep 3; ${A_AWAY}` }, 3],
  [{ command: `${A}; sleep 2; ${A_AWAY}`, more: ['cmd_timeout = 9', 'stop_command = logger shut'] }, 2],
  [{ command: `${A}; sleep 9`, more: ['cmd_timeout = 2', `stop_command = ${A_AWAY}`] }, 2],
  [{ command: `sleep 2; ${A}; sleep 3; ${A_AWAY}` }, undefined],
  // A second knock while it is open.
  [{ command: A, times: 2, more: ['cmd_timeout = 4', `stop_command = ${A_AWAY}`] }, 4],
  // IPv6 has a command of its own, or that of IPv4.
  [
    {
      command: A,
      command6: SIX,
      over: 'IPv6',
      more: ['cmd_timeout = 3', `stop_command = ${A_AWAY}`, `stop_command_6 = ${SIX_AWAY}`],
    },
    3,
  ],
  [{ command: A, command6: SIX, over: 'IPv6', more: [`stop_command_6 = ${SIX_AWAY}`] }, 10],
  [{ command: A, command6: SIX, over: 'IPv6', more: ['stop_command =', `stop_command_6 = ${SIX_AWAY}`] }, 10],
  [{ command: SIX, over: 'IPv6', more: ['cmd_timeout = 3', `stop_command = ${SIX_AWAY}`] }, 3],
];

const OTHERS: typeof DOORS = [
  [{ command: `firewall-cmd --add-${RICH} --timeout=3` }, 3],
  [
    {
      command: `firewall-cmd --add-${RICH} --timeout=1m`,
      more: ['cmd_timeout = 4', `stop_command = firewall-cmd --remove-${RICH}`],
    },
    4,
  ],
  [{ command: `firewall-cmd --add-${RICH} --timeout=5`, more: ['cmd_timeout = 60'] }, 5],
  [
    {
      command: 'ufw allow from %IP% to any port 22 proto tcp',
      over: 'IPv6',
      more: ['cmd_timeout = 3', 'stop_command = ufw delete allow from %IP% to any port 22 proto tcp'],
    },
    3,
  ],
  [
    {
      command: 'nft add rule inet filter input ip saddr %IP% tcp dport 22 accept',
      more: ['cmd_timeout = 4', 'stop_command = nft flush chain inet filter input'],
    },
    4,
  ],
];

describe('doors of a real knockd, imported', () => {
  it('are open at the gate no longer than there', { timeout: 5 * MINUTES }, async () => {
    const doors = [...DOORS, ...OTHERS];
    const seconds = await compareDurations(
      'times',
      doors.map(([door]) => door),
    );
    expect(doors.map(([door], i) => [door, seconds[i]])).toEqual(doors);
    const carried = seconds.filter((each) => each !== undefined);
    figure(`import-knockd: ${doors.length} doors with times, ${carried.length} carried over, none open for longer`);
  });
});
