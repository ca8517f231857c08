import { unwatchFile, watchFile } from 'node:fs';
import type { Disposable } from 'vscode';
import { formatPort } from '../../base/ports.ts';
import type { Host } from '../../client/gate/host.ts';
import type { Ledger } from '../../client/gate/ledger.ts';
import type { Grant } from '../../client/gate/ledger-state.ts';
import type { HostBook } from '../hosts/host-book.ts';
import type { Doors } from './doors.ts';
import type { HostStates } from './host-states.ts';
import type { Turns } from './knock-turns.ts';

export interface OpenedElsewhereIo {
  readonly hosts: () => HostBook;
  readonly states: HostStates;
  /** Notes of the other windows of this device. */
  readonly turns: Pick<Turns, 'openUntil'>;
  /** Ledger of the command line. It has grants of gates; fwknop and sequences leave nothing there. */
  readonly ledger: Pick<Ledger, 'look'>;
  readonly doors: Pick<Doors, 'known'>;
  /** Addresses of this computer: a grant is for the address that knocked. */
  readonly ownAddresses: () => readonly string[];
  readonly wallMs: () => number;
}

const SSH_PORT = 22;

/**
 * Shows in this window what other windows, the hook in them, and the command line have opened. The command line may have another
 * name for a host: a gate is recognized by its key.
 */
export class OpenedElsewhere {
  private readonly io: OpenedElsewhereIo;
  /** Ends of the grants at the last look, in unix milliseconds, by host. */
  private readonly seen = new Map<string, number>();

  constructor(io: OpenedElsewhereIo) {
    this.io = io;
  }

  /** Looks at all hosts, and shows changes. */
  look(): void {
    const { hosts, turns } = this.io;
    for (const host of hosts().hosts.values()) {
      const byCommandLine = host.kind === 'gate' ? this.grantedUntil(host) : 0;
      this.show(host.name, Math.max(turns.openUntil(host.name) ?? 0, byCommandLine));
    }
  }

  private grantedUntil(host: Host): number {
    const { ledger, ownAddresses, doors } = this.io;
    const grants = ledger.look({ gatePublic: host.gate.key }).grants;
    if (grants.length === 0) return 0;
    const sshPort = doors.known({ host: host.name, user: undefined, port: undefined })?.sshPort ?? SSH_PORT;
    const ports = host.ports.length > 0 ? host.ports.map(formatPort) : [`tcp/${sshPort}`];
    const addresses = ownAddresses();
    const usable = grants.filter((grant) => addresses.includes(grant.from) && opensAll(grant, ports));
    return Math.max(0, ...usable.map(({ until }) => until));
  }

  private show(name: string, untilMs: number): void {
    const { states, wallMs } = this.io;
    const isNews = untilMs > (this.seen.get(name) ?? 0) && untilMs > wallMs();
    this.seen.set(name, untilMs);
    const state = states.get(name);
    const isKnown = state.kind === 'knocking' || (state.kind === 'open' && state.untilMs >= untilMs);
    if (isNews && !isKnown) states.set(name, { kind: 'open', untilMs, answer: undefined });
  }
}

/** Whether a grant covers these ports. One without ports is for everything that the gate allows. */
function opensAll(grant: Grant, ports: readonly string[]): boolean {
  return grant.ports.length === 0 || ports.every((port) => grant.ports.includes(port));
}

const LOOK_EVERY_MS = 1000;

/**
 * Calls back once soon, and then whenever one of the files or folders has changed or appears. It polls the times of their last
 * changes: the files are replaced whole, and may be on a disk without notifications.
 */
export function followFiles(paths: readonly string[], changed: () => void): Disposable {
  const first = setImmediate(changed);
  for (const path of paths) watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, changed);
  return {
    dispose: () => {
      clearImmediate(first);
      for (const path of paths) unwatchFile(path, changed);
    },
  };
}
