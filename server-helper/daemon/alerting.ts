import type { AlertingParts, RunningAlerts } from '../action/make-alerts.ts';
import type { AuditEntry } from '../audit/audit.ts';
import { loadActionBundle } from '../bundles.ts';
import { reasonOf } from '../problems.ts';

/** Hands the audit log to the alerts of gate.toml. Their code is loaded when there is one; a gate without alerts does nothing here. */
export class Alerting {
  private readonly parts: AlertingParts;
  private loading: Promise<RunningAlerts | undefined> | undefined;

  constructor(parts: AlertingParts) {
    this.parts = parts;
  }

  /** Told each entry of the audit log, before the activity counts it. */
  note(entry: AuditEntry): void {
    const { clock, activity, configured } = this.parts;
    if (configured().length === 0) return;
    const [at, isKnown] = [clock.wall(), activity.knows(entry)];
    void this.alerts().then((alerts) => alerts?.note(entry, at, isKnown));
  }

  /** To be called every second. */
  second(): void {
    if (this.parts.configured().length > 0) void this.alerts().then((alerts) => alerts?.second());
  }

  /** To be called before the daemon ends. */
  async stop(): Promise<void> {
    (await this.loading)?.stop();
  }

  /** Undefined when their code cannot be loaded, which is told once. */
  private alerts(): Promise<RunningAlerts | undefined> {
    this.loading ??= loadActionBundle().then(
      ({ makeAlerts }) => makeAlerts(this.parts),
      (error: unknown) => {
        this.parts.audit({ event: 'fault', detail: reasonOf(error) });
        return undefined;
      },
    );
    return this.loading;
  }
}
