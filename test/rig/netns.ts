import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atEnd } from './cleanup.ts';
import { keepGrantLive } from './live-grant.ts';
import { type Finished, finish, isAlive, must, type RunOptions, signalQuietly } from './process.ts';

/** Addresses of the pair: documentation ranges, so that no real host can be meant. */
export const CLIENT4 = '192.0.2.1';
export const TARGET4 = '192.0.2.2';
export const CLIENT6 = '2001:db8::1';
export const TARGET6 = '2001:db8::2';
/** Addresses of `giveNameWithDeadAddress`, in the order in which the system returns them (RFC 6724). */
export const DEAD4 = '192.0.2.6';
export const SECOND4 = '192.0.2.11';

/** The interface's name on both sides. */
export const LINK = 'eth0';

const NETNS_DIR = '/run/netns';
/** Folder of the files with which `ip netns exec` replaces those in /etc, one for each namespace. */
const NETNS_ETC = '/etc/netns';
const PREFIX = 'kg';

/** Two hosts on one machine: a client and a target, joined by a cable. */
export interface Pair {
  client: string;
  target: string;
  /** Gives the target a new namespace and cable, like a network stack after a boot. Nothing may live in the old one. */
  replug(): Promise<void>;
  /** Puts the network namespace of a process in the target's place, with its end of the cable and its name. */
  plugInto(pid: number): Promise<void>;
  /** Kills whatever runs in the two namespaces and deletes them. */
  destroy(): void;
}

/** Options of a pair. */
export interface PairOptions {
  /** Shows up in the namespaces' names, for the reader of `ip netns`. */
  name?: string;
  /** More addresses for the client, with prefix length: `192.0.2.77/24`, `2001:db8::77/64`. */
  clientAddresses?: readonly string[];
}

let counter = 0;

/** Starts a program inside a namespace. `ip netns exec` becomes the program, so `child.pid` is the program's own. */
export function exec(ns: string, argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return spawn('ip', ['netns', 'exec', ns, ...argv], options);
}

/** Runs a program inside a namespace to its end. */
export function run(ns: string, argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { env, cwd } = options;
  return finish(exec(ns, argv, { ...(env && { env }), ...(cwd && { cwd }) }), options);
}

/** Two namespaces, joined by a veth pair, IPv4 and IPv6, loopback up. */
export async function createPair({ name = '', clientAddresses = [] }: PairOptions = {}): Promise<Pair> {
  sweep();
  counter += 1;
  const stem = `${PREFIX}${process.pid}-${counter}${name.replace(/[^a-z0-9]/gi, '')}-`;
  const [client, target] = [`${stem}c`, `${stem}t`];
  const removeBoth = () => {
    remove(client);
    remove(target);
  };
  const endGrant = keepGrantLive(target);
  const takeBack = atEnd(() => {
    endGrant();
    removeBoth();
  });
  const destroy = () => {
    takeBack();
    endGrant();
    removeBoth();
  };
  try {
    await must(['ip', 'netns', 'add', client]);
    const plug = async () => {
      await must(['ip', 'netns', 'add', target]);
      await must(['ip', 'link', 'add', LINK, 'netns', client, 'type', 'veth', 'peer', LINK, 'netns', target]);
      await address(client, [`${CLIENT4}/24`, `${CLIENT6}/64`, ...clientAddresses]);
      await address(target, [`${TARGET4}/24`, `${TARGET6}/64`]);
    };
    await plug();
    const replug = async () => {
      // The other end of a cable disappears some time after its namespace; this end removes it at once.
      await must(['ip', '-n', client, 'link', 'del', LINK]);
      remove(target);
      await plug();
    };
    const plugInto = async (pid: number) => {
      await must(['ip', '-n', target, 'link', 'set', LINK, 'netns', String(pid)]);
      await must(['ip', 'netns', 'del', target]);
      await must(['ip', 'netns', 'attach', target, String(pid)]);
      await address(target, [`${TARGET4}/24`, `${TARGET6}/64`]);
    };
    return { client, target, replug, plugInto, destroy };
  } catch (error) {
    destroy();
    throw error;
  }
}

/** One client and many targets, on one network. */
export interface Star {
  readonly client: string;
  /** For each target its namespace and its address. Its pair has the shared client. */
  readonly targets: readonly { readonly pair: Pair; readonly address: string }[];
  /** Kills whatever runs in any of the namespaces and deletes them. */
  destroy(): void;
}

/** Last octet of the first target, apart from all other addresses in that network. */
const STAR_FIRST = 100;

/** Makes a client and many targets, each with a cable to the client's bridge. IPv4 alone. */
export async function createStar(count: number): Promise<Star> {
  sweep();
  counter += 1;
  const stem = `${PREFIX}${process.pid}-${counter}star-`;
  const client = `${stem}c`;
  const names = Array.from({ length: count }, (_, i) => `${stem}t${i}`);
  const removeAll = () => {
    for (const ns of [client, ...names]) remove(ns);
  };
  const takeBack = atEnd(removeAll);
  const destroy = () => {
    takeBack();
    removeAll();
  };
  try {
    await must(['ip', 'netns', 'add', client]);
    await must(['ip', '-n', client, 'link', 'add', LINK, 'type', 'bridge']);
    await address(client, [`${CLIENT4}/24`]);
    const targets = names.map((target, i) => {
      const own = `192.0.2.${STAR_FIRST + i}`;
      const port = `port${i}`;
      const plug = async () => {
        await must(['ip', 'netns', 'add', target]);
        await must(['ip', 'link', 'add', port, 'netns', client, 'type', 'veth', 'peer', LINK, 'netns', target]);
        await must(['ip', '-n', client, 'link', 'set', port, 'master', LINK, 'up']);
        await address(target, [`${own}/24`]);
      };
      const replug = async () => {
        await must(['ip', '-n', client, 'link', 'del', port]);
        remove(target);
        await plug();
      };
      const plugInto = () => Promise.reject(new Error('a target of a star has the network that it is given'));
      return { plug, address: own, pair: { client, target, replug, plugInto, destroy: () => remove(target) } };
    });
    for (const { plug } of targets) await plug();
    return { client, targets, destroy };
  } catch (error) {
    destroy();
    throw error;
  }
}

async function address(ns: string, addresses: readonly string[]) {
  const commands = ['link set lo up', `link set ${LINK} up`];
  // nodad: an IPv6 address is otherwise unusable for the second that duplicate detection takes.
  for (const each of addresses) commands.push(`addr add ${each} dev ${LINK}${each.includes(':') ? ' nodad' : ''}`);
  await must(['ip', '-n', ns, '-batch', '-'], { input: `${commands.join('\n')}\n` });
}

/** Gives all programs that are started in a namespace from now on the addresses of names, in this order. */
export function giveNames(ns: string, names: Readonly<Record<string, readonly string[]>>): void {
  const folder = join(NETNS_ETC, ns);
  mkdirSync(folder, { recursive: true });
  const lines = Object.entries(names).flatMap(([name, addresses]) => addresses.map((each) => `${each} ${name}`));
  writeFileSync(join(folder, 'hosts'), ['127.0.0.1 localhost', ...lines, ''].join('\n'));
}

/**
 * Gives the target one more IPv4 address, and the client a name that has a dead one before it: nothing answers there, not even the
 * network.
 */
export async function giveNameWithDeadAddress({ client, target }: Pair, name: string): Promise<void> {
  giveNames(client, { [name]: [DEAD4, SECOND4] });
  await must(['ip', '-n', target, 'addr', 'add', `${SECOND4}/24`, 'dev', LINK]);
  await must(['ip', '-n', client, 'neigh', 'replace', DEAD4, 'lladdr', '02:00:00:00:00:06', 'dev', LINK]);
}

/** Kills whatever runs in a namespace and deletes it. Synchronous, since it also runs while the process exits. Asks the kernel who is inside: nothing that forked escapes. */
export function remove(ns: string): void {
  for (let round = 0; round < 5; round += 1) {
    const pids = processesIn(ns);
    if (pids.length === 0) break;
    for (const pid of pids) signalQuietly(pid, 'SIGKILL');
  }
  spawnSync('ip', ['netns', 'del', ns]);
  rmSync(join(NETNS_ETC, ns), { recursive: true, force: true });
}

/** Ids of the processes that live in a namespace. */
export function processesIn(ns: string): number[] {
  return (spawnSync('ip', ['netns', 'pids', ns], { encoding: 'utf8' }).stdout ?? '')
    .split('\n')
    .filter(Boolean)
    .map(Number);
}

/** Names of the namespaces that rigs have made and not yet deleted. */
export function rigNamespaces(): string[] {
  try {
    return readdirSync(NETNS_DIR).filter((ns) => ns.startsWith(PREFIX));
  } catch {
    return [];
  }
}

/** Deletes what an earlier run that was killed had no time to delete. Namespaces of living processes stay. */
export function sweep(): void {
  for (const ns of rigNamespaces()) {
    const owner = /^kg(\d+)-/.exec(ns)?.[1];
    if (owner && !isAlive(Number(owner))) remove(ns);
  }
}
