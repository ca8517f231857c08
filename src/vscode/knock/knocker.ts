import { Problem } from '../../base/problem.ts';
import type { Host } from '../../client/gate/host.ts';
import {
  type KnockOptions,
  type KnockResult,
  knockAndWait,
  USUAL_TIMEOUT_MS,
} from '../../client/gate/knock-and-wait.ts';
import type { Ledger } from '../../client/gate/ledger.ts';
import { findTarget, type Target } from '../../client/gate/target.ts';
import type { OpenOther, OtherHost } from '../../client/hosts/any-host.ts';
import { addressesOfSsh } from '../../client/network/next-address.ts';
import type { Resolve } from '../../client/network/resolve.ts';
import type { OpenUdpRoute } from '../../client/network/udp.ts';
import type { Probe } from '../../client/network/wait.ts';
import { cancelled, gateKeyUnusable } from '../../client/problems.ts';
import type { Clock } from '../../os/clock.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { isLowOrder } from '../../spa/keys.ts';
import { type PairKeys, pairKeys } from '../../spa/outer.ts';
import { asProblem } from '../ask/show-problem.ts';
import type { Candidate, FindHostKeys } from '../keys/host-keys.ts';
import type { Log } from '../log.ts';
import type { Door } from './doors.ts';
import type { HostStates } from './host-states.ts';
import type { Turns } from './knock-turns.ts';
import { type Marks, marked } from './load-marks.ts';
import { rehearseUntil } from './warm-up.ts';

/** Everything that a knock needs from outside. */
export interface KnockerIo {
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly resolve: Resolve;
  readonly openRoute: OpenUdpRoute;
  readonly probe: Probe;
  readonly ledger: Ledger;
  readonly turns: Turns;
  readonly hostKeys: FindHostKeys;
  /** Finds what such a knock takes: keys, and the code. Rejects with a Problem when it is not there. */
  readonly others: (host: OtherHost) => Promise<OpenOther>;
  readonly states: HostStates;
  readonly log: Log;
  readonly marks: Marks;
}

/** Why and how to knock. */
export interface KnockRequest {
  /** For the log: `command`, `window opened`, `wake`, … */
  readonly reason: string;
  /** Knock even when the door should be open. */
  readonly force: boolean;
  /**
   * A door that another window has opened in the last so many milliseconds is taken for open, without looking: none for
   * a person who asks, a few seconds when every window wants the same for the same reason.
   */
  readonly trustMs: number;
  /** One of many knocks, soon followed by the next; undefined for a knock that stands alone. */
  readonly oneOfMany?: OneOfMany | undefined;
}

/** The log gets its outcome only for debugging: who knocks so often says there what matters. */
export interface OneOfMany {
  /** Milliseconds until the next. */
  readonly nextInMs: number;
  /** How many came before it. */
  readonly count: number;
}

/** What this device and a gate derive for each other from one of the device's keys. */
type KnownPair = Pick<Candidate, 'opened'> & { readonly pair: PairKeys };

/** What has to be known before a packet can be made. */
interface Needed {
  readonly pairs: readonly KnownPair[];
  readonly found: Target;
}

/** What a gate grants when it is not asked for a time. */
const USUAL_GRANT_MS = 30_000;

/** Knocks at hosts: one knock at a time for each, in all windows together, and keeps the state of each. */
export class Knocker {
  private readonly io: KnockerIo;
  private readonly underWay = new Map<string, Promise<void>>();
  /** Errors that knocks ended in, and at which host. */
  private readonly failures = new WeakMap<Error, string>();
  private isRehearsed = false;

  constructor(io: KnockerIo) {
    this.io = io;
  }

  /**
   * Knocks, and waits until the port is open. Who comes while a knock at this host is under way waits for that one.
   * @throws Problem, every one of the client's and the keyring's; the state of the host says so as well
   */
  knock(door: Door, request: KnockRequest, signal: AbortSignal): Promise<void> {
    const { host } = door;
    const running = this.underWay.get(host.name);
    if (running !== undefined && !request.force) return untilAborted(running, host.name, signal);
    const started = this.run(door, request, signal).finally(() => {
      if (this.underWay.get(host.name) === started) this.underWay.delete(host.name);
    });
    this.underWay.set(host.name, started);
    return started;
  }

  /** The host that a knock failed at with this error; undefined when it is not that of a knock. */
  hostOf(error: unknown): string | undefined {
    return error instanceof Error ? this.failures.get(error) : undefined;
  }

  private async run(door: Door, request: KnockRequest, signal: AbortSignal): Promise<void> {
    const { host } = door;
    const { clock, states } = this.io;
    const before = states.get(host.name);
    states.set(host.name, { kind: 'knocking' });
    try {
      await this.inTurn(door, request, signal);
    } catch (error) {
      const { text } = asProblem(error);
      if (text.code === 'cancelled') states.set(host.name, before.kind === 'knocking' ? { kind: 'closed' } : before);
      else states.set(host.name, { kind: 'failed', problem: text, atMs: clock.wallMs() });
      this.tell(`${host.name}: ${text.code} (${request.reason})`, request);
      if (error instanceof Error) this.failures.set(error, host.name);
      throw error;
    }
  }

  private async inTurn(door: Door, request: KnockRequest, signal: AbortSignal): Promise<void> {
    const { host } = door;
    const { clock, turns, states, marks } = this.io;
    // What is wrong with it is told when it is this window's turn.
    const ready = this.makeReady(door, request, signal);
    const turn = await turns.take(host.name, clock.wallMs() - request.trustMs, signal, ready);
    marks.mark('turn taken');
    if (turn.kind === 'open' && !request.force) {
      states.set(host.name, { kind: 'open', untilMs: turn.untilMs, answer: undefined });
      this.tell(`${host.name}: another window has just opened it (${request.reason})`, request);
      return;
    }
    let openUntilMs: number | undefined;
    try {
      const open = await ready;
      openUntilMs = await open();
    } finally {
      if (turn.kind === 'knock') await turn.done({ openUntilMs });
    }
  }

  /**
   * Finds all that a knock takes.
   * @returns what knocks then, and says until when the door is open; undefined when that is unknown
   */
  private async makeReady(door: Door, request: KnockRequest, signal: AbortSignal) {
    const { host, sshPort } = door;
    if (host.kind === 'gate') {
      const needed = await this.fetch(host, signal);
      return () => this.open(host, door, needed, request, signal);
    }
    this.io.marks.mark('key asked for');
    const open = await this.io.others(host);
    this.io.marks.mark('key given');
    return async () => {
      const startedMs = this.io.clock.wallMs();
      const { result, openMs } = await open({ sshPort, force: request.force }, signal);
      return this.note(host.name, result, startedMs + openMs, request);
    };
  }

  /** What a knock needs to know, all of it asked for at once. */
  private async fetch(host: Host, signal: AbortSignal): Promise<Needed> {
    const pairs = this.pairs(host);
    const found = findTarget(host, host.ports, this.io, signal).then((target) => {
      this.io.marks.mark('address known');
      return target;
    });
    if (!this.isRehearsed) rehearseUntil(pairs, this.io);
    this.isRehearsed = true;
    const [all, target] = await Promise.all([pairs, found]);
    return { pairs: all, found: target };
  }

  /** @returns until when the door is open; undefined when that is unknown */
  private async open(
    host: Host,
    { sshPort, sshName }: Door,
    { pairs, found }: Needed,
    request: KnockRequest,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const target = { ...found, probePort: portToWaitFor(found, sshPort) };
    const nextAddresses = sshName && (() => addressesOfSsh(sshName.hostName, sshName.addressFamily, this.io.resolve));
    let silent: unknown;
    for (const { pair, opened } of pairs) {
      try {
        const untilMs = await this.openWith(pair, host, target, { ...request, nextAddresses }, signal);
        if (silent !== undefined) await opened();
        return untilMs;
      } catch (error) {
        // Another key is worth a try only where this one may be the reason.
        if (!(error instanceof Problem) || error.text.code !== 'no-answer') throw error;
        silent = silent ?? error;
      }
    }
    throw silent;
  }

  private async openWith(
    pair: PairKeys,
    host: Host,
    target: Target,
    request: KnockRequest & Pick<KnockOptions, 'nextAddresses'>,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const startedMs = this.io.clock.wallMs();
    const { force, nextAddresses, oneOfMany } = request;
    const isBrief = oneOfMany !== undefined && oneOfMany.nextInMs < USUAL_TIMEOUT_MS;
    const options = isBrief
      ? { force, timeoutMs: oneOfMany.nextInMs, nextAddresses, onlyWave: oneOfMany.count }
      : { force, timeoutMs: USUAL_TIMEOUT_MS, nextAddresses };
    const io = { ...this.io, openRoute: marked(this.io.openRoute, this.io.marks) };
    const result = await knockAndWait(target, pair, options, io, signal);
    const untilMs = result.kind === 'open' ? this.openUntil(result, pair, target, startedMs) : 0;
    return this.note(host.name, result, untilMs, request);
  }

  /** Keeps the result of a knock; its connection is not needed. */
  private note(host: string, result: KnockResult, untilMs: number, request: KnockRequest): number | undefined {
    const { clock, states, marks } = this.io;
    marks.mark('port open');
    if (result.kind === 'sent') {
      states.set(host, { kind: 'sent', atMs: clock.wallMs() });
      this.tell(`${host}: knocked at ${result.addresses.join(', ')} (${request.reason})`, request);
      return undefined;
    }
    result.socket.destroy();
    const { socket: _, kind: __, ...answer } = result;
    states.set(host, { kind: 'open', untilMs, answer: { ...answer, atMs: clock.wallMs() } });
    this.tell(`${host}: ${inWords(result)} (${request.reason})`, request);
    return untilMs;
  }

  private tell(line: string, { oneOfMany }: KnockRequest): void {
    const { log } = this.io;
    if (oneOfMany === undefined) log.info(line);
    else log.debug(line);
  }

  /**
   * What this device and the gate of a host derive for each other, for each key that the gate may know.
   * @throws Problem: those of the keyring, `gate-key-unusable`
   */
  async pairs(host: Host): Promise<readonly KnownPair[]> {
    const { crypto, marks } = this.io;
    marks.mark('key asked for');
    const candidates = await this.io.hostKeys(host);
    marks.mark('key given');
    try {
      const pairs = candidates.map(({ privateKey, psk, opened }) => {
        return { pair: pairKeys(crypto, 'client', privateKey, host.gate.key, psk), opened };
      });
      marks.mark('keys derived');
      return pairs;
    } catch (error) {
      throw isLowOrder(crypto, host.gate.key) ? gateKeyUnusable(host.name) : error;
    }
  }

  private openUntil(
    { address }: KnockResult & { kind: 'open' },
    pair: PairKeys,
    target: Target,
    startedMs: number,
  ): number {
    const { grants } = this.io.ledger.look(pair);
    const here = grants.filter((grant) => grant.address === address).map(({ until }) => until);
    return here.length > 0 ? Math.max(...here) : startedMs + (target.duration * 1000 || USUAL_GRANT_MS);
  }
}

/** Where ssh will connect, when that is among what is asked for; else as the host's settings have it. */
function portToWaitFor({ ports, probePort }: Target, sshPort: number | undefined): number | undefined {
  const isAskedFor = ports.length === 0 || ports.some(({ protocol, port }) => protocol === 'tcp' && port === sshPort);
  return isAskedFor ? (sshPort ?? probePort) : probePort;
}

function inWords(result: KnockResult & { kind: 'open' }): string {
  const where = `${result.address} tcp/${result.port}`;
  return result.knocks === 0 ? `still open (${where})` : `open after ${Math.round(result.afterMs)} ms (${where})`;
}

/** Waits with somebody else's knock, and leaves it alone when one's own wish is taken back. */
function untilAborted(knock: Promise<void>, host: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(cancelled(host));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    knock.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
