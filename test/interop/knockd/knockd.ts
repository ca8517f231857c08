import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon } from '../../../bench/subjects/daemon.ts';
import { scratch } from '../../rig/cleanup.ts';
import { LINK, run } from '../../rig/netns.ts';

/** A door of knockd, which opens tcp/22 to who knocks. */
export interface Door {
  readonly name: string;
  /** As in knockd.conf: `7000,8000:udp,9000`. */
  readonly sequence: string;
  readonly flags: string;
}

/** A real knockd in a namespace, with iptables and ip6tables behind it. */
export interface Knockd {
  /** Path of its knockd.conf. */
  readonly config: string;
  /** Takes back what it has opened. */
  shut(): Promise<void>;
  stop(): Promise<void>;
}

/** Rules that drop everything, but for what is up already and for finding neighbours. */
const CLOSED = [':INPUT DROP [0:0]', '-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT'];
const COMMANDS = { 4: 'iptables', 6: 'ip6tables' } as const;

/** Shuts the firewall, starts knockd, and waits until it listens. */
export async function startKnockd(ns: string, doors: readonly Door[]): Promise<Knockd> {
  const { dir, discard } = scratch('knockd');
  const config = join(dir, 'knockd.conf');
  const sections = doors.map(({ name, sequence, flags }) =>
    [
      `[${name}]`,
      `  sequence = ${sequence}`,
      '  seq_timeout = 15',
      `  tcpflags = ${flags}`,
      `  start_command = ${COMMANDS[4]} -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT`,
      `  start_command_6 = ${COMMANDS[6]} -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT`,
      '',
    ].join('\n'),
  );
  writeFileSync(config, ['[options]', `  logfile = ${join(dir, 'log')}`, '', ...sections].join('\n'));
  const shut = async () => {
    await restore(ns, 4, CLOSED);
    await restore(ns, 6, [...CLOSED, '-A INPUT -p ipv6-icmp -j ACCEPT']);
  };
  await shut();
  const argv = ['knockd', '-i', LINK, '-c', config, '-p', join(dir, 'pid'), '-v'];
  const daemon = await startDaemon(ns, argv, 'listening on');
  return {
    config,
    shut,
    stop: async () => {
      await daemon.stop();
      discard();
    },
  };
}

async function restore(ns: string, version: 4 | 6, rules: readonly string[]): Promise<void> {
  const input = ['*filter', ...rules, 'COMMIT', ''].join('\n');
  const { code, stderr } = await run(ns, [`${COMMANDS[version]}-restore`], { input });
  if (code !== 0) throw new Error(`${COMMANDS[version]}-restore: ${stderr}`);
}
