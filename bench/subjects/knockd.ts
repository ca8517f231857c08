import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from '../../test/rig/cleanup.ts';
import { CLIENT4, TARGET4 } from '../../test/rig/netns.ts';
import type { Ground } from '../ground.ts';
import { liveGrants } from '../live-grants.ts';
import { SERVICE_PORT } from '../prober.ts';
import { startDaemon } from './daemon.ts';
import { closeWithIptables, grantWithIptables } from './iptables.ts';
import type { Load, Running, Subject } from './subject.ts';
import { synPacket } from './syn-packet.ts';

/** The sequence and the settings of the knockd.conf that Debian installs. */
const SEQUENCE = [7000, 8000, 9000];
const JUNK_PACKETS = 8192;

const WHY_NOT_MANY = 'one sequence for everybody: it knows no clients';

/** knockd, opened by three SYNs. It has no clients: anybody who knows the sequence can knock. */
export const knockd: Subject = { name: 'knockd', whyNotMany: WHY_NOT_MANY, turns: 1, start };

async function start(ground: Ground, load: Load): Promise<Running> {
  const { target } = ground.pair;
  const { dir, discard } = scratch('knockd');
  const file = (name: string) => join(dir, name);
  const door = [
    '[openSSH]',
    `sequence = ${SEQUENCE.join(',')}`,
    'seq_timeout = 5',
    `command = /sbin/iptables -A INPUT -s %IP% -p tcp --dport ${SERVICE_PORT} -j ACCEPT`,
    'tcpflags = syn',
  ];
  writeFileSync(file('knockd.conf'), ['[options]', `logfile = ${file('log')}`, ...door, ''].join('\n'));
  await closeWithIptables(target);
  await grantWithIptables(target, 'INPUT', liveGrants(load.grants));
  const argv = ['knockd', '-i', 'eth0', '-c', file('knockd.conf'), '-p', file('pid'), '-v'];
  const daemon = await startDaemon(target, argv, 'listening on');
  return {
    clients: 1,
    knock: async () => ({ kind: 'syn', ports: SEQUENCE }),
    // The first of the sequence, from ports of its own: each begins an attempt or spoils one.
    junk: () => ({
      kind: 'raw',
      packets: Array.from({ length: JUNK_PACKETS }, (_, n) => {
        return synPacket({ address: CLIENT4, port: 1024 + n }, { address: TARGET4, port: SEQUENCE[0] ?? 0 });
      }),
    }),
    stop: async () => {
      await daemon.stop();
      discard();
    },
  };
}
