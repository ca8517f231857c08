import type { Audit, AuditEntry } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { AlertEvent, ConfiguredAlert } from '../config/alert-config.ts';
import { formatReport, MOST_ENTRIES, type ReportedEvent, reportedEntry } from './alert-report.ts';
import type { AlertStore } from './alert-store.ts';
import type { ActionResult } from './request.ts';

/** Most alerts that run at the same time; the others wait. With the actions fewer than `MaxConnections` of knockgate-action.socket. */
const MOST_AT_ONCE = 8;
/** Milliseconds that the unit may need beside the command, to start and to answer. */
const FOR_THE_UNIT = 10_000;
/** Seconds between two runs, at most, after the command has failed again and again. */
const LONGEST_PAUSE = 3600;

export interface AlertParts {
  readonly clock: Clock;
  readonly audit: Audit;
  /** Asks the unit to run the command of an alert: a line with its end. Never rejects. */
  readonly run: (report: string, patienceMs: number) => Promise<ActionResult>;
  /** The alerts of the configuration in force. */
  readonly configured: () => readonly ConfiguredAlert[];
  readonly store: AlertStore;
}

/** An alert between two runs. */
interface State {
  waiting: Map<AlertEvent, ReportedEvent>;
  /** Events that the current run tells; empty when none runs. */
  telling: Map<AlertEvent, ReportedEvent>;
  /** Steady milliseconds before which it does not run. */
  notBefore: number;
  /** Unix milliseconds of its last run. */
  ranAt: number;
  failures: number;
  isRunning: boolean;
}

/**
 * Runs alerts when something happens. Each runs at most once in its `every` seconds, and once at a time; what happens meanwhile is
 * counted, and told by the next run. A run that fails is repeated with what it should have told. Nobody waits for any of this.
 */
export class Alerts {
  private readonly parts: AlertParts;
  private readonly states = new Map<string, State>();
  private running = 0;
  private isChanged = false;
  private isStopping = false;

  constructor(parts: AlertParts) {
    this.parts = parts;
    const { clock, store } = parts;
    for (const { name, ranAt, failures, waiting } of store.take()) {
      const state = { ...newState(), ranAt, failures, waiting: new Map(waiting.map((each) => [each.event, each])) };
      const alert = this.find(name);
      // A clock that was set back meanwhile makes it wait no longer than a whole pause.
      const passed = Math.max(0, clock.wall() - ranAt);
      if (alert !== undefined) state.notBefore = clock.steady() + Math.max(0, pauseOf(alert, failures) - passed);
      this.states.set(name, state);
    }
    this.isChanged = this.states.size > 0;
  }

  /** @param at unix milliseconds */
  note(event: AlertEvent, entry: AuditEntry, at: number): void {
    const time = new Date(at).toISOString();
    const one = { event, count: 1, first: time, last: time, entries: [reportedEntry({ time, ...entry })] };
    for (const alert of this.parts.configured()) {
      if (!alert.events.includes(event)) continue;
      const state = this.stateOf(alert);
      state.waiting.set(event, together(state.waiting.get(event), one));
      this.isChanged = true;
      this.runIfDue(alert, state);
    }
  }

  /** To be called every second. */
  second(): void {
    for (const alert of this.parts.configured()) {
      const state = this.states.get(alert.name);
      if (state !== undefined) this.runIfDue(alert, state);
    }
    if (this.isChanged) this.keep();
  }

  /** Keeps for the next daemon what no run has told yet, or tells at this moment: that run may fail. */
  stop(): void {
    this.isStopping = true;
    this.keep();
  }

  private runIfDue(alert: ConfiguredAlert, state: State): void {
    if (state.waiting.size === 0 || state.isRunning || this.running >= MOST_AT_ONCE) return;
    if (this.parts.clock.steady() < state.notBefore) return;
    void this.run(alert, state);
  }

  private async run(alert: ConfiguredAlert, state: State): Promise<void> {
    const { clock, audit } = this.parts;
    const told = state.waiting;
    state.waiting = new Map();
    state.telling = told;
    state.isRunning = true;
    state.ranAt = clock.wall();
    state.notBefore = clock.steady() + pauseOf(alert, 0);
    this.running += 1;
    // A daemon that dies now must not tell it again at once, however often it dies.
    this.keep();
    const report = formatReport({ alert: alert.name, events: [...told.values()] });
    const startedAt = clock.steady();
    const result = await this.parts.run(report, alert.timeout * 1000 + FOR_THE_UNIT);
    this.running -= 1;
    state.isRunning = false;
    state.telling = new Map();
    const isDone = result.kind === 'exit' && result.code === 0;
    state.failures = isDone ? 0 : state.failures + 1;
    if (!isDone) {
      state.waiting = allOf(told, state.waiting);
      state.notBefore = startedAt + pauseOf(alert, state.failures);
    }
    // A daemon that dies within this second must not tell it twice.
    this.keep();
    const names = [...told.values()].map(({ event, count }) => `${event} ${count}`).join(', ');
    const detail = isDone ? names : `${names}; ${said(result)}`;
    audit({ event: isDone ? 'alert-sent' : 'alert-failed', action: alert.name, detail });
  }

  private stateOf({ name }: ConfiguredAlert): State {
    const state = this.states.get(name) ?? newState();
    this.states.set(name, state);
    return state;
  }

  private find(name: string): ConfiguredAlert | undefined {
    return this.parts.configured().find((alert) => alert.name === name);
  }

  private keep(): void {
    // An alert that is gone from gate.toml is forgotten.
    for (const [name, { isRunning }] of this.states)
      if (!isRunning && this.find(name) === undefined) this.states.delete(name);
    const kept = [...this.states].map(([name, { ranAt, failures, telling, waiting }]) => {
      return { name, ranAt, failures, waiting: [...allOf(telling, waiting).values()] };
    });
    this.parts.store.keep(kept, this.isStopping);
    this.isChanged = false;
  }
}

function newState(): State {
  return { waiting: new Map(), telling: new Map(), notBefore: 0, ranAt: 0, failures: 0, isRunning: false };
}

/** Milliseconds from the beginning of one run to the next: twice as long after each failure, up to an hour. */
function pauseOf({ every }: ConfiguredAlert, failures: number): number {
  return Math.min(every * 2 ** failures, Math.max(every, LONGEST_PAUSE)) * 1000;
}

function allOf(
  earlier: ReadonlyMap<AlertEvent, ReportedEvent>,
  later: ReadonlyMap<AlertEvent, ReportedEvent>,
): Map<AlertEvent, ReportedEvent> {
  const all = new Map(earlier);
  for (const [event, each] of later) all.set(event, together(all.get(event), each));
  return all;
}

/** Events of one kind as one. */
function together(earlier: ReportedEvent | undefined, later: ReportedEvent): ReportedEvent {
  if (earlier === undefined) return later;
  return {
    event: earlier.event,
    count: earlier.count + later.count,
    first: earlier.first,
    last: later.last,
    entries: [...earlier.entries, ...later.entries].slice(0, MOST_ENTRIES),
  };
}

function said(result: ActionResult): string {
  if (result.kind === 'exit') return `exit ${result.code}`;
  return result.kind === 'killed' ? 'it was killed, or its timeout was over' : result.why;
}
