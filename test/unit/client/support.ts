import { Socket } from 'node:net';
import { homedir } from 'node:os';
import { windowsOwner } from '../../../src/cli/windows-owner.ts';
import type { KnockIo } from '../../../src/client/gate/knock-io.ts';
import { Ledger } from '../../../src/client/gate/ledger.ts';
import type { Target } from '../../../src/client/gate/target.ts';
import type { Owner } from '../../../src/client/keys/identity.ts';
import type { Probed } from '../../../src/client/network/wait.ts';
import type { Clock } from '../../../src/os/clock.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { openMessage } from '../../../src/spa/message.ts';
import { pairKeys } from '../../../src/spa/outer.ts';
import type { AccessRequest } from '../../../src/spa/payload.ts';

export { expectMode, problemOf, socketIn, temporaryFolder } from '../support.ts';

export const clientPrivate = new Uint8Array(32).fill(1);
const gatePrivate = new Uint8Array(32).fill(2);

/** The user who runs these tests. */
export const OWNER: Owner = process.getuid?.() ?? windowsOwner(process.env, homedir());

/** A client and a gate that know each other. */
export const pair = pairKeys(nodeCrypto, 'client', clientPrivate, nodeCrypto.publicKey(gatePrivate));
const gatePair = pairKeys(nodeCrypto, 'gate', gatePrivate, nodeCrypto.publicKey(clientPrivate));

/** Whether a gate that shares that psk with the client can open a knock. */
export function opensWith(psk: Uint8Array | undefined, datagram: Uint8Array): boolean {
  const keys = pairKeys(nodeCrypto, 'gate', gatePrivate, nodeCrypto.publicKey(clientPrivate), psk);
  return openMessage(nodeCrypto, keys, gatePrivate, datagram).ok;
}

/** Opens a knock as the gate would. */
export function requestOf(datagram: Uint8Array): AccessRequest {
  const opened = openMessage(nodeCrypto, gatePair, gatePrivate, datagram);
  if (!opened.ok) throw new Error(`the gate says ${opened.reason}`);
  return opened.request;
}

/** So many messages with ordinary tags. */
export function ordinary(count: number): { readonly boundTo: undefined }[] {
  return Array.from({ length: count }, () => ({ boundTo: undefined }));
}

/** The middle of an epoch. */
export const WALL_MS = 1_795_000_005_000;

/** A clock that does not move while there is work to do, and then jumps to the next awaited time. */
export class FakeClock implements Clock {
  private nowMs = 0;
  private readonly sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();

  wallMs(): number {
    return WALL_MS + this.nowMs;
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  /** Puts the computer to sleep, with a clock that goes on, as on Windows and macOS. All timers that are due then end late. */
  fallAsleep(ms: number): void {
    this.nowMs += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { atMs: this.nowMs + ms, wake };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', wake);
    });
  }

  /** Lets time pass until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const finish = () => {
      done = true;
    };
    work.then(finish, finish);
    for (;;) {
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      if (done) return work;
      const [next] = [...this.sleepers].sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) throw new Error('everybody waits, and for nothing');
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.wake();
    }
  }
}

/** Reaction of a port to a connection attempt begun at a time. */
type PortState = 'open' | 'silent' | 'refused' | 'unreachable';

/** A network that records everything that is sent. */
export class FakeNetwork {
  readonly clock = new FakeClock();
  readonly sent: {
    readonly atMs: number;
    readonly address: string;
    readonly port: number;
    readonly datagram: Uint8Array;
  }[] = [];
  readonly probes: {
    readonly atMs: number;
    readonly address: string;
    readonly port: number;
    readonly windowMs: number;
  }[] = [];
  mostProbesAtOnce = 0;
  openRoutes = 0;
  /** For each address of the gate: our own address on the way, or the system's error code. */
  readonly routes = new Map<string, string>();
  roundTripMs = 1;
  /** Reactions of the ports; all are silent by default. */
  portState: (address: string, atMs: number) => PortState = () => 'silent';
  private probing = 0;
  readonly io: KnockIo;

  constructor(ledgerPath: string) {
    this.io = {
      clock: this.clock,
      crypto: nodeCrypto,
      openRoute: (address, port) => this.openRoute(address, port),
      probe: (address, port, windowMs, signal) => this.probe(address, port, windowMs, signal),
      ledger: new Ledger(ledgerPath, this.clock, nodeCrypto),
    };
  }

  private async openRoute(address: string, port: number) {
    const localAddress = this.routes.get(address) ?? '10.0.0.9';
    if (/^E[A-Z]+$/.test(localAddress)) throw systemError(localAddress);
    this.openRoutes++;
    return {
      localAddress,
      send: async (datagram: Uint8Array) => {
        this.sent.push({ atMs: this.clock.monotonicMs(), address, port, datagram });
      },
      close: () => {
        this.openRoutes--;
      },
    };
  }

  private async probe(address: string, port: number, windowMs: number, signal: AbortSignal): Promise<Probed> {
    const atMs = this.clock.monotonicMs();
    this.probes.push({ atMs, address, port, windowMs });
    this.mostProbesAtOnce = Math.max(this.mostProbesAtOnce, ++this.probing);
    const state = this.portState(address, atMs);
    const answered = state !== 'silent' && this.roundTripMs <= windowMs;
    await this.clock.sleep(answered ? this.roundTripMs : windowMs, signal);
    this.probing--;
    if (!answered || signal.aborted) return { kind: 'silent' };
    if (state === 'open') return { kind: 'open', socket: new Socket() };
    return state === 'refused' ? { kind: 'refused' } : { kind: 'unreachable', code: 'EHOSTUNREACH' };
  }
}

/** An error as Node makes it of a failed system call. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code, syscall: 'connect' });
}

/** A gate with an IPv4 and an IPv6 address; the knock names no port. */
export const TARGET: Target = {
  name: 'prod',
  addresses: ['192.0.2.2', '2001:db8::2'],
  knockPorts: [443, 62201],
  slots: 32,
  ports: [],
  duration: 0,
  claimSource: true,
  probePort: 22,
};
