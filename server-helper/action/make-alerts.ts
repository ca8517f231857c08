import { version } from '../../package.json';
import { parseAddress } from '../../src/base/addresses.ts';
import { samePlace } from '../../src/spa/tags.ts';
import type { Activity, ActivityRecord } from '../audit/activity.ts';
import type { Audit, AuditEntry } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { ConfiguredAlert } from '../config/alert-config.ts';
import type { Paths } from '../paths.ts';
import { alertEventOf } from './alert-causes.ts';
import { AlertFiles } from './alert-store.ts';
import { Alerts } from './alerts.ts';
import { askUnit } from './ask.ts';
import { everyMinute, MemoryWatch, ProgramWatch } from './watches.ts';

export interface AlertingParts {
  readonly paths: Pick<Paths, 'actionSocket' | 'runtime' | 'state'>;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly activity: Pick<Activity, 'knows' | 'record'>;
  readonly configured: () => readonly ConfiguredAlert[];
}

/** Alerts as the daemon uses them. */
export interface RunningAlerts {
  /**
   * Told each entry of the audit log.
   * @param at unix milliseconds
   * @param isKnown whether its client was let in from its address before
   */
  note(entry: AuditEntry, at: number, isKnown: boolean): void;
  /** To be called every second. */
  second(): void;
  /** To be called before the daemon ends. */
  stop(): void;
}

/** Alerts that the unit behind the socket runs, with what they watch beside the audit log. */
export function makeAlerts({ paths, clock, audit, activity, configured }: AlertingParts): RunningAlerts {
  const run = (report: string, patienceMs: number) => askUnit(paths.actionSocket, report, patienceMs);
  const store = new AlertFiles(paths);
  const alerts = new Alerts({ clock, audit, run, configured, store });
  const memory = new MemoryWatch(audit, () => process.memoryUsage.rss());
  const program = new ProgramWatch(audit, process.argv[1] ?? '', version);
  const look = everyMinute(clock, () => {
    program.look();
    const limits = configured().flatMap((alert) => (alert.events.includes('memory') ? [alert.memory] : []));
    if (limits.length > 0) memory.look(Math.min(...limits));
  });
  return {
    note: (entry, at, isKnown) => {
      const event = alertEventOf(entry, () => !isKnown && !hasNeighbour(entry, at, activity.record()));
      if (event !== undefined) alerts.note(event, entry, at);
    },
    second: () => {
      look();
      alerts.second();
    },
    stop: () => alerts.stop(),
  };
}

/** Whether a client came before from another address of the same IPv6 /64: within that one it changes its address by itself. */
function hasNeighbour({ client, source = '' }: AuditEntry, at: number, { visitors }: ActivityRecord): boolean {
  const own = parseAddress(source);
  return visitors.some((visitor) => {
    const other = visitor.client === client && visitor.first < at ? parseAddress(visitor.address) : undefined;
    return own !== undefined && other !== undefined && samePlace(own, other);
  });
}
