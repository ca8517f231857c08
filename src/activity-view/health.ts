import { type Phrase, phrase } from '../base/phrase.ts';
import type { Activity } from './answer.ts';

/** One line about the health of a gate. */
export interface HealthLine {
  readonly name: Phrase;
  readonly says: Phrase | string;
  /** Whether somebody should look. */
  readonly isFault: boolean;
}

/** A daemon that uses more has a fault: it needs a quarter of it. */
const MUCH_MEMORY = 256 * 2 ** 20;
/** Seconds: knocks still work, but a clock that nobody sets drifts on. */
const CLOCK_OFF_S = 5;

/** When the gate was asked, by this computer's clock, and the version of this program. */
export interface Asked {
  readonly asked: number;
  readonly answered: number;
  readonly version: string;
}

/** Says how a gate is. */
export function healthOf(activity: Activity, ask: Asked): HealthLine[] {
  const { status, version } = activity;
  return [
    portsLine(activity),
    line(phrase('Capture'), status.capture === 'lost', {
      good: phrase('hears knocks'),
      fault: phrase('lost: the gate hears no knocks'),
    }),
    line(phrase('Firewall table'), status.restored > 0, {
      good: phrase('as it was made'),
      fault: phrase('put back {0} times since the daemon started: something else flushes it', status.restored),
    }),
    line(phrase('Replay record'), status.state === 'degraded', {
      good: phrase('on disk'),
      fault: phrase('not on disk: the gate cannot write its state folder'),
    }),
    clockLine(status.time, ask),
    line(phrase('Memory of the daemon'), activity.memory > MUCH_MEMORY, {
      good: phrase('{0} MB', megabytes(activity.memory)),
      fault: phrase('{0} MB: much more than usual', megabytes(activity.memory)),
    }),
    line(phrase('Version of the gate'), version !== ask.version, {
      good: version,
      fault: phrase('{0}; this program has {1}', version, ask.version),
    }),
    line(phrase('Configuration'), status.skipped !== null, {
      good: phrase('in force as it is written'),
      fault: phrase('{0} parts are skipped: `knockgated check` names them', status.skipped?.length ?? 0),
    }),
    line(phrase('Clients'), status.clients === 0, {
      good: phrase('{0} may knock', status.clients),
      fault: phrase('nobody may knock'),
    }),
    {
      name: phrase('Without a daemon'),
      says: phrase('known addresses get in for {0} s', status.lead_seconds),
      isFault: false,
    },
  ];
}

function line(
  name: Phrase,
  isFault: boolean,
  says: { readonly good: Phrase | string; readonly fault: Phrase },
): HealthLine {
  return { name, isFault, says: isFault ? says.fault : says.good };
}

function portsLine({ status: { armed, trial } }: Activity): HealthLine {
  const name = phrase('Ports');
  if (armed === null) return { name, says: phrase('shown to everybody'), isFault: true };
  if (trial === null) return { name, says: phrase('hidden'), isFault: false };
  return { name, says: phrase('hidden on trial, for {0} s more', trial.seconds_left), isFault: true };
}

/** The gate has read its clock at some moment between question and answer. */
function clockLine(gateTime: number, { asked, answered }: Asked): HealthLine {
  const name = phrase('Clock of the server');
  const aheadMs = Math.max(0, gateTime - answered) - Math.max(0, asked - gateTime);
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (seconds < CLOCK_OFF_S) return { name, says: phrase('as here'), isFault: false };
  const says = aheadMs > 0 ? phrase('{0} s ahead', seconds) : phrase('{0} s behind', seconds);
  return { name, says, isFault: true };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

/** Counter of packets, with what it counts. */
export interface Counter {
  readonly name: Phrase;
  readonly packets: number;
}

/** Packets at the knock ports, as kernel and daemon have counted them. */
export function countersOf({ status: { kernel, packets } }: Activity): Counter[] {
  const known: [Phrase, number | undefined][] = [
    [phrase('Junk: not from a client. The kernel drops it.'), kernel.junk],
    [phrase('Opened: knocks to which the kernel has opened by itself.'), kernel.opened],
    [phrase('Asked: knocks that the kernel has left to the daemon.'), kernel.asked],
    [phrase('Spent: packets that came again, or too often. The kernel drops them.'), kernel.spent],
    [phrase('Hidden: attempts to reach a hidden port without a grant. The kernel drops them.'), kernel.hidden],
    [phrase('Received: packets that have reached the daemon.'), packets.received],
    [phrase('Granted: knocks to which the daemon has opened.'), packets.granted],
    [phrase('Refused: packets that the daemon has refused.'), packets.refused],
  ];
  return known.flatMap(([name, count]) => (count === undefined ? [] : [{ name, packets: count }]));
}
