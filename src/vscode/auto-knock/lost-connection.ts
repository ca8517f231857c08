import { Problem } from '../../base/problem.ts';
import type { Clock } from '../../os/clock.ts';
import { logProblem } from '../ask/show-problem.ts';
import type { Door } from '../knock/doors.ts';
import type { HostStates } from '../knock/host-states.ts';
import type { Knocker } from '../knock/knocker.ts';
import type { Log } from '../log.ts';
import { AwakeTime } from './awake-time.ts';

const MINUTE_MS = 60_000;
/**
 * Times between knocks, by how long the connection is lost. At first we knock more often than the editor tries to connect. After
 * three hours the editor gives up, and so do we.
 */
const PACE = [
  { untilMs: 15 * MINUTE_MS, everyMs: 3000 },
  { untilMs: 180 * MINUTE_MS, everyMs: 10_000 },
] as const;
/** Shortest time for other kinds of hosts: a sequence takes its time, and a one-time sequence lasts a minute. */
const OTHERS_EVERY_MS = 10_000;
/** Time between looks at an open port: a server that restarts forgets its grants. */
const LOOK_EVERY_MS = 8000;
/** Rest of a grant at which it is renewed: `LEAST_LEFT_MS` of live-grant.ts. */
const RENEW_BEFORE_MS = 5000;
/**
 * Time in which a connection answers if the port is open and the connection still exists; if the server has given it up, it is
 * refused. Both happen without the editor's help.
 */
const ANSWER_WITHIN_MS = 2000;
/** Time awake after which the editor may wait ten seconds and more before its next attempt. Before that, a reload gains nothing. */
const RELOAD_AFTER_MS = MINUTE_MS;
/**
 * Time awake with an open port in which the editor usually connects, unless it has given up: it waits for 30 s at most, and an
 * attempt that began too early fails first. It gives up when the server has restarted, and then offers nothing but to reload the
 * window. This is a guess: the SSH extension may still be waiting for a password, or for a busy server.
 */
const EDITOR_CONNECTS_WITHIN_MS = 75_000;
/** Problems that may pass while a server or a network comes back. */
const PASSING = ['no-answer', 'port-closed', 'no-route', 'name-not-found', 'slots-exhausted'];

export interface LostConnectionIo {
  readonly clock: Clock;
  readonly knocker: Pick<Knocker, 'knock'>;
  readonly states: Pick<HostStates, 'get'>;
  readonly log: Log;
  /** Host to knock at for this window; undefined when there is none any more. */
  readonly door: () => Door | undefined;
  readonly isWanted: () => boolean;
  /** Tells the editor to connect again at once. Does nothing while the editor is already doing so. */
  readonly connectAgain: () => void;
  /** Reloads the window if its owner wants that, no work would be lost, and the editor does not connect meanwhile. */
  readonly reload: (occasion: ReloadOccasion, answered: AbortSignal) => Promise<void>;
}

/** `waiting`: the editor waits before its next attempt; `given up`: it has probably given up. */
export type ReloadOccasion = 'waiting' | 'given up';

/**
 * Knocks again and again until the connection answers: nobody knows when the server can be reached again, nor when the
 * editor tries to connect. The log gets a line when the outcome changes, not for each knock.
 *
 * The editor notices a silent connection after 20 s. If the port is open earlier, it is asked once to connect again. After a
 * minute it waits for long between its attempts, and only a reload connects at once. Only a reload connects when it has given up.
 */
export async function knockUntilAnswered(answered: AbortSignal, io: LostConnectionIo): Promise<void> {
  const { clock, log } = io;
  const sinceMs = clock.monotonicMs();
  log.info('the connection of this window does not answer: knocking until it does');
  let knocks = 0;
  let outcome = '';
  const help = new Help(io);
  while (!answered.aborted && io.isWanted()) {
    help.look();
    const startedMs = clock.monotonicMs();
    const door = io.door();
    const everyMs = door && paceOf(door, startedMs - sinceMs);
    if (door === undefined || everyMs === undefined) break;
    const code = await knockOnce(door, everyMs, knocks, io, answered);
    knocks += 1;
    help.look();
    if (answered.aborted) break;
    if (code !== outcome) log.info(`${door.host.name}: ${code} (connection lost)`);
    outcome = code;
    if (code !== OPEN && !PASSING.includes(code)) break;
    if (code === OPEN) await help.give(answered);
    else help.closed();
    if (answered.aborted) break;
    const untilNextMs = code === OPEN ? untilNextLook(door, everyMs, io) : startedMs + everyMs - clock.monotonicMs();
    await clock.sleep(Math.max(0, untilNextMs), answered);
  }
  const seconds = Math.round((clock.monotonicMs() - sinceMs) / 1000);
  const end = answered.aborted ? 'the connection of this window answers again' : 'no more knocks for this connection';
  log.info(`${end}, after ${seconds} s and ${knocks} knocks`);
}

const OPEN = 'open';

/** Makes the editor connect once the port is open: tries each of three ways once, and a reload once more after a sleep. */
class Help {
  private readonly io: LostConnectionIo;
  private readonly awake: AwakeTime;
  private isAsked = false;
  private readonly reloadTried = new Set<ReloadOccasion>();
  private openSinceMs: number | undefined;

  constructor(io: LostConnectionIo) {
    this.io = io;
    this.awake = new AwakeTime(io.clock);
  }

  /** Notices a sleep: the editor slept too, so only the time after it counts. */
  look(): void {
    if (!this.awake.look()) return;
    this.openSinceMs = undefined;
    this.reloadTried.clear();
  }

  /** Notes that the port is not open: the editor cannot connect, so it need not have given up. */
  closed(): void {
    this.openSinceMs = undefined;
  }

  async give(answered: AbortSignal): Promise<void> {
    const { clock, log, connectAgain } = this.io;
    const nowMs = clock.monotonicMs();
    this.openSinceMs ??= nowMs;
    if (nowMs - this.openSinceMs >= EDITOR_CONNECTS_WITHIN_MS) await this.reload('given up', answered);
    else if (nowMs - this.awake.sinceMs() >= RELOAD_AFTER_MS) await this.reload('waiting', answered);
    else if (!this.isAsked) {
      this.isAsked = true;
      await clock.sleep(ANSWER_WITHIN_MS, answered);
      if (answered.aborted) return;
      log.info('the port is open, and the connection is still silent: asking the editor to connect again');
      connectAgain();
    }
  }

  private async reload(occasion: ReloadOccasion, answered: AbortSignal): Promise<void> {
    if (this.reloadTried.has(occasion)) return;
    this.reloadTried.add(occasion);
    await this.io.reload(occasion, answered);
  }
}

/** @returns `open`, or the code of the problem */
async function knockOnce(
  door: Door,
  everyMs: number,
  knocks: number,
  { knocker, log }: LostConnectionIo,
  answered: AbortSignal,
): Promise<string> {
  const oneOfMany = { nextInMs: everyMs, count: knocks };
  // A port that another window has opened is checked: the server may have forgotten the grant meanwhile.
  const request = { reason: 'connection lost', force: false, trustMs: 0, oneOfMany };
  try {
    await knocker.knock(door, request, answered);
    return OPEN;
  } catch (error) {
    if (error instanceof Problem && [...PASSING, 'cancelled'].includes(error.text.code)) return error.text.code;
    return logProblem(error, log).text.code;
  }
}

/** Milliseconds from the start of a knock to the next; undefined when it is time to give up. */
function paceOf({ host }: Door, lostForMs: number): number | undefined {
  const everyMs = PACE.find(({ untilMs }) => lostForMs < untilMs)?.everyMs;
  return everyMs && (host.kind === 'gate' ? everyMs : Math.max(everyMs, OTHERS_EVERY_MS));
}

function untilNextLook({ host }: Door, everyMs: number, { clock, states }: LostConnectionIo): number {
  const state = states.get(host.name);
  const leftMs = state.kind === 'open' ? state.untilMs - clock.wallMs() : 0;
  return Math.max(everyMs, Math.min(LOOK_EVERY_MS, leftMs - RENEW_BEFORE_MS));
}
