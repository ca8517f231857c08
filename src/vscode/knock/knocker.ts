import { userInfo } from 'node:os';
import { type KnockResult, USUAL_TIMEOUT_MS } from '../../client/gate/knock-and-wait.ts';
import type { Ledger } from '../../client/gate/ledger.ts';
import { type AnyHost, kindOf } from '../../client/hosts/kinds.ts';
import type { KeySource, Open, OpenRequest } from '../../client/hosts/server-kind.ts';
import { addressesOfSsh } from '../../client/network/next-address.ts';
import { pingBySystem } from '../../client/network/ping.ts';
import type { Resolve } from '../../client/network/resolve.ts';
import type { OpenUdpRoute } from '../../client/network/udp.ts';
import type { Probe } from '../../client/network/wait.ts';
import { cancelled } from '../../client/problems.ts';
import type { Clock } from '../../os/clock.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { asProblem } from '../ask/show-problem.ts';
import type { Log } from '../log.ts';
import type { Door } from './doors.ts';
import type { HostStates } from './host-states.ts';
import type { Turns } from './knock-turns.ts';
import { speaksFwknop } from './load-fwknop.ts';
import { type Marks, type Moment, marked } from './load-marks.ts';
import { warmUpUntil } from './warm-up.ts';

/** Everything that a knock needs from outside. */
export interface KnockerIo {
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly resolve: Resolve;
  readonly openRoute: OpenUdpRoute;
  readonly probe: Probe;
  readonly ledger: Ledger;
  readonly turns: Turns;
  readonly keys: KeySource;
  readonly states: HostStates;
  readonly log: Log;
  readonly marks: Marks;
}

/** Reason for a knock, and how to knock. */
export interface KnockRequest {
  /** Reason for the log: `command`, `window opened`, `wake`, … */
  readonly reason: string;
  /** Whether to knock even if the port should be open. */
  readonly force: boolean;
  /**
   * Milliseconds for which a port that another window has opened counts as open without a check: 0 when a person asks, a few
   * seconds when all windows knock for the same reason.
   */
  readonly trustMs: number;
  /** Series that this knock belongs to; undefined for a single knock. */
  readonly oneOfMany?: OneOfMany | undefined;
  /** Called when the gate opens as soon as the packet that was just sent arrives: it knows our address. */
  readonly onBoundSent?: () => void;
}

/** Series of knocks. The log gets its outcomes only at the debug level: the caller logs what matters. */
export interface OneOfMany {
  /** Milliseconds until the next knock. */
  readonly nextInMs: number;
  /** Number of knocks before it. */
  readonly count: number;
}

/** Knocks at hosts: one knock at a time for each, in all windows together, and keeps the state of each. */
export class Knocker {
  private readonly io: KnockerIo;
  private readonly underWay = new Map<string, Promise<void>>();
  /** Errors that knocks ended with, and their hosts. */
  private readonly failures = new WeakMap<Error, string>();
  private isWarm = false;

  constructor(io: KnockerIo) {
    this.io = io;
  }

  /**
   * Knocks, and waits until the port is open. While a knock at this host is under way, other calls wait for it.
   * @throws Problem, any of the client's and the keyring's; the state of the host shows it as well
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

  /** Host of the knock that failed with this error; undefined for any other error. */
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
    // An error is reported when it is this window's turn.
    const ready = this.prepare(host, signal);
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
      const { result, untilMs } = await open(this.requestFor(door, request), signal);
      openUntilMs = this.note(host.name, result, untilMs, request);
    } finally {
      if (turn.kind === 'knock') await turn.done({ openUntilMs });
    }
  }

  /**
   * Finds everything that a knock needs: keys, addresses, and the code.
   * @throws Problem, of the keyring or of the kind of server
   */
  prepare(host: AnyHost, signal: AbortSignal): Promise<Open> {
    const { crypto, openRoute, marks } = this.io;
    const mark = (moment: Moment) => marks.mark(moment);
    const io = {
      ...this.io,
      openRoute: marked(openRoute, marks),
      userName: ownName,
      mark,
      ping: pingBySystem(process),
      platform: process.platform,
      loadFwknop: () => speaksFwknop(crypto),
    };
    return kindOf(host).prepare(host, this.timedKeys(), io, signal);
  }

  private requestFor({ sshPort, sshName }: Door, { force, oneOfMany, onBoundSent }: KnockRequest): OpenRequest {
    const nextAddresses = sshName && (() => addressesOfSsh(sshName.hostName, sshName.addressFamily, this.io.resolve));
    const isBrief = oneOfMany !== undefined && oneOfMany.nextInMs < USUAL_TIMEOUT_MS;
    return isBrief
      ? { force, sshPort, nextAddresses, timeoutMs: oneOfMany.nextInMs, onlyWave: oneOfMany.count }
      : { force, sshPort, nextAddresses, timeoutMs: USUAL_TIMEOUT_MS, onBoundSent };
  }

  /** Notes when keys are asked for and given; warms up the code meanwhile. */
  private timedKeys(): KeySource {
    const { keys, marks } = this.io;
    const timed = async <T>(find: () => Promise<T>): Promise<T> => {
      marks.mark('key asked for');
      const found = await find();
      marks.mark('key given');
      return found;
    };
    return {
      clientKeys: (host) => {
        const asked = timed(() => keys.clientKeys(host));
        if (!this.isWarm) void warmUpUntil(asked, this.io);
        this.isWarm = true;
        return asked;
      },
      sharedKeys: (host, file) => timed(() => keys.sharedKeys(host, file)),
      gpgKeys: (host) => timed(() => keys.gpgKeys(host)),
    };
  }

  /** Notes the result of a knock, whose connection is not needed. */
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
}

function inWords(result: KnockResult & { kind: 'open' }): string {
  const where = `${result.address} tcp/${result.port}`;
  return result.knocks === 0 ? `still open (${where})` : `open after ${Math.round(result.afterMs)} ms (${where})`;
}

/** Waits for a knock that another caller began. Aborting ends only the waiting. */
function untilAborted(knock: Promise<void>, host: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(cancelled(host));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    knock.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

/** Name that packets for fwknopd give; a user without an entry in the password file has none. */
function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'user';
  }
}
