import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { covers, formatPortRange, type PortRange } from '../../src/base/ports.ts';
import type { ConfiguredDecoy } from '../config/decoy-config.ts';

type Decoy = Pick<ConfiguredDecoy, 'port' | 'to'>;

/** A TCP socket that listens. */
interface Listener {
  readonly port: number;
  /** Number of the socket, as `/proc/PID/fd` has it. */
  readonly inode: string;
}

/** Reads proc(5) tcp and tcp6. */
export function parseListeners(text: string): Listener[] {
  // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
  const lines = text.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ 0A \S+ \S+ \S+ +\d+ +\d+ (\d+) /gm);
  return [...lines].map(([, port = '', inode = '']) => ({ port: Number.parseInt(port, 16), inode }));
}

/**
 * Differences between the ports that are hidden and those that something listens on, in whole sentences: a gate that hides tcp/22
 * protects no sshd at another port.
 * @param sshd ports that sshd listens on
 */
export function misfits(ports: readonly PortRange[], listening: readonly number[], sshd: readonly number[]): string[] {
  const tcp = (port: number): PortRange => ({ protocol: 'tcp', first: port, last: port });
  const idle = ports.filter(
    (range) =>
      range.protocol === 'tcp' && range.first === range.last && !listening.some((port) => covers(range, tcp(port))),
  );
  const shown = [...new Set(sshd)].filter((port) => !ports.some((range) => covers(range, tcp(port))));
  return [
    ...idle.map((range) => `Nothing listens on ${formatPortRange(range)}.`),
    ...shown.map((port) => `sshd listens on tcp/${port}, which is not hidden: add it to ports in gate.toml.`),
  ];
}

/** The same for decoys: nobody may listen there, or sshd, to which strangers must not be led. */
export function decoyMisfits(
  decoys: readonly Decoy[],
  listening: readonly number[],
  sshd: readonly number[],
): string[] {
  return decoys.flatMap(({ port, to }) => {
    const where = `tcp/${to}, the decoy of tcp/${port}`;
    if (sshd.includes(to)) return [`sshd listens on ${where}: strangers are led to it.`];
    return listening.includes(to)
      ? []
      : [`Nothing listens on ${where}: strangers are refused, and see that a port is there.`];
  });
}

/** Misfits of this host. Only root sees which sockets are sshd's. */
export function misfitsHere(ports: readonly PortRange[], decoys: readonly Decoy[] = []): string[] {
  if (ports.length === 0) return [];
  const listeners = ['tcp', 'tcp6'].flatMap((table) => parseListeners(read(`/proc/self/net/${table}`)));
  const ours = socketsOf('sshd');
  const portsOf = (found: readonly Listener[]) => found.map(({ port }) => port);
  const [listening, sshd] = [portsOf(listeners), portsOf(listeners.filter(({ inode }) => ours.has(inode)))];
  return [...misfits(ports, listening, sshd), ...decoyMisfits(decoys, listening, sshd)];
}

/** Misfits of a configuration that may be invalid: `knockgated check` reports that. */
export function misfitsOf(hidden: () => readonly PortRange[]): string[] {
  return misfitsHere(orElse(hidden, []));
}

/** Numbers of the sockets of all programs with this name. */
function socketsOf(name: string): Set<string> {
  const pids = list('/proc').filter((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/comm`).trim() === name);
  const links = pids.flatMap((pid) => list(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`)));
  return new Set(links.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
}

/* Reads a file of a process: it may end meanwhile, and those of other users may be hidden. */
const read = (path: string): string => orElse(() => readFileSync(path, 'latin1'), '');
const list = (path: string): string[] => orElse(() => readdirSync(path), []);
const link = (path: string): string => orElse(() => readlinkSync(path), '');

function orElse<Result>(look: () => Result, otherwise: Result): Result {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
