import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../../../bench/subjects/daemon.ts';
import { showImported } from '../../../server-helper/import/imported.ts';
import { importKnockd } from '../../../server-helper/import/knockd.ts';
import { scratch } from '../../rig/cleanup.ts';
import { Gate } from '../../rig/gate.ts';
import { CLIENT4, CLIENT6, createPair, LINK, type Pair, run, TARGET4, TARGET6 } from '../../rig/netns.ts';
import { loadNft } from '../../rig/nft.ts';
import { sleep } from '../../rig/process.ts';
import { Reach } from '../../rig/reach.ts';
import { sendSteps } from '../../rig/steps.ts';

/** Of each family, somebody who knocks and somebody who does not. */
const OTHERS = ['192.0.2.11', '2001:db8::11'] as const;
const WAYS = [
  { source: CLIENT4, host: TARGET4 },
  { source: OTHERS[0], host: TARGET4 },
  { source: CLIENT6, host: TARGET6 },
  { source: OTHERS[1], host: TARGET6 },
];
/** Hears nothing but SPA messages, and so is none of the ports that are tried. */
const KNOCK_PORT = 40_000;
const FIRST_STEP = 20_000;
const PATIENCE_MS = 60_000;

/** What of iptables or nft drops all but what the tests need: a command adds to the one that it is for. */
const IPTABLES = ['*filter', ':INPUT DROP [0:0]', '-A INPUT -p udp --dport 9 -j ACCEPT'];
const SHUT = {
  iptables: {
    v4: [...IPTABLES, 'COMMIT'],
    v6: [...IPTABLES, '-A INPUT -p ipv6-icmp -j ACCEPT', 'COMMIT'],
    nft: 'accept',
  },
  nft: {
    v4: ['*filter', ':INPUT ACCEPT [0:0]', 'COMMIT'],
    v6: ['*filter', ':INPUT ACCEPT [0:0]', 'COMMIT'],
    nft: 'drop',
  },
};

/** What a knock lets in: `192.0.2.1 tcp/22`. */
export interface Reaches {
  readonly knockd: readonly string[];
  readonly gate: readonly string[];
}

/** Steps of the door with a number: three ports of its own, which no scan of the ports tried here hits. */
const stepsOf = (door: number) => [0, 2, 1].map((i) => FIRST_STEP + 3 * door + i);

/**
 * Has a real knockd run each command after a real knock, imports the same knockd.conf to a gate, and has the same knock open that.
 * @param ports that are tried, and that the gate hides
 * @returns what gets through after each, by the commands' places
 */
export async function compareReach(
  name: string,
  commands: readonly string[],
  ports: readonly string[],
): Promise<readonly Reaches[]> {
  const clientAddresses = [`${OTHERS[0]}/24`, `${OTHERS[1]}/64`];
  const pair = await createPair({ name, clientAddresses });
  try {
    const reach = await Reach.make(pair.client, pair.target);
    const knockd = await reachOfKnockd(pair, reach, commands, ports);
    const gate = await reachOfGate(pair, reach, commands, ports);
    return commands.map((_, i) => ({ knockd: knockd[i] ?? [], gate: gate[i] ?? [] }));
  } finally {
    pair.destroy();
  }
}

const doorOf = (command: string, i: number, more: readonly string[] = []) =>
  [
    `[door${i}]`,
    `sequence = ${stepsOf(i).map((port) => `${port}:udp`)}`,
    'seq_timeout = 30',
    `start_command = ${command}`,
    ...more,
    '',
  ].join('\n');

async function reachOfKnockd(
  pair: Pair,
  reach: Reach,
  commands: readonly string[],
  ports: readonly string[],
): Promise<string[][]> {
  const { dir, discard } = scratch('both');
  const config = join(dir, 'knockd.conf');
  const marker = join(dir, 'done');
  // knockd runs the stop command right after the start command: then that is done, whatever it did.
  const doors = commands.map((command, i) => doorOf(command, i, ['cmd_timeout = 0', `stop_command = touch ${marker}`]));
  writeFileSync(config, doors.join('\n'));
  let daemon: Daemon | undefined;
  try {
    daemon = await startDaemon(
      pair.target,
      ['knockd', '-i', LINK, '-c', config, '-p', join(dir, 'pid'), '-v'],
      'listening on',
    );
    const reached: string[][] = [];
    for (const [i, command] of commands.entries()) {
      const all: string[] = [];
      for (const host of [TARGET4, TARGET6]) {
        await shut(pair.target, /\bnft\b/.test(command) ? 'nft' : 'iptables');
        rmSync(marker, { force: true });
        await sendSteps(
          pair.client,
          host,
          stepsOf(i).map((port) => `udp/${port}`),
          1,
        );
        await exists(marker);
        all.push(...(await reach.through(WAYS, ports)).map((each) => `after ${host}: ${each}`));
      }
      reached.push(all);
    }
    return reached;
  } finally {
    await daemon?.stop();
    discard();
  }
}

async function reachOfGate(
  pair: Pair,
  reach: Reach,
  commands: readonly string[],
  ports: readonly string[],
): Promise<string[][]> {
  await loadNft(
    pair.target,
    'flush table ip filter; delete table ip filter; delete table ip6 filter; delete table inet filter',
  );
  const gate = new Gate(pair.target);
  try {
    await gate.enrolmentLine();
    const conf = commands.map((command, i) => doorOf(command, i)).join('\n');
    const tables = showImported(importKnockd(conf, 'knockd.conf'));
    gate.configureText(`[gate]\nports = ${JSON.stringify(ports)}\nknock_ports = [${KNOCK_PORT}]\n${tables}\n`);
    await gate.start();
    const reached: string[][] = [];
    for (const i of commands.keys()) {
      const all: string[] = [];
      for (const host of [TARGET4, TARGET6]) {
        await loadNft(
          pair.target,
          'flush set inet knockgate sequence_granted4; flush set inet knockgate sequence_granted6',
        );
        await sendSteps(
          pair.client,
          host,
          stepsOf(i).map((port) => `udp/${port}`),
          1,
        );
        all.push(...(await reach.through(WAYS, ports)).map((each) => `after ${host}: ${each}`));
      }
      reached.push(all);
    }
    return reached;
  } finally {
    await gate.dispose();
  }
}

async function shut(ns: string, by: keyof typeof SHUT): Promise<void> {
  const { v4, v6, nft } = SHUT[by];
  await restore(ns, 'iptables-restore', v4);
  await restore(ns, 'ip6tables-restore', v6);
  await loadNft(
    ns,
    `table inet filter
     delete table inet filter
     table inet filter { chain input { type filter hook input priority 0; policy ${nft}; udp dport 9 accept; meta l4proto icmpv6 accept; }; }`,
  );
}

async function restore(ns: string, program: string, rules: readonly string[]): Promise<void> {
  const { code, stderr } = await run(ns, [program], { input: `${rules.join('\n')}\n` });
  if (code !== 0) throw new Error(`${program}: ${stderr}`);
}

async function exists(path: string): Promise<void> {
  const start = performance.now();
  while (!existsSync(path)) {
    if (performance.now() - start > PATIENCE_MS) throw new Error('knockd runs no command');
    await sleep(5);
  }
}
