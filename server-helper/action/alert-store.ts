import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fieldsOf, listOfFields, parseJson } from '../../src/base/loose-json.ts';
import { replaceFile } from '../own-file.ts';
import type { Paths } from '../paths.ts';
import { parseEvents, type ReportedEvent } from './alert-report.ts';
import { isName } from './request.ts';

/** State of an alert that a daemon leaves to the next one. */
export interface KeptAlert {
  readonly name: string;
  /** Unix milliseconds of its last run; 0 when it has not run. */
  readonly ranAt: number;
  /** Runs that failed since the last that did not. */
  readonly failures: number;
  /** Events that no run has told of yet. */
  readonly waiting: readonly ReportedEvent[];
}

/** Where alerts are kept over a restart. */
export interface AlertStore {
  /** Takes them: the next daemon does not find them here. */
  take(): readonly KeptAlert[];
  keep(alerts: readonly KeptAlert[], isStopping: boolean): void;
}

/**
 * Keeps alerts in two files: one in the runtime folder while the daemon runs, so that one that crashes again and again sends no
 * more than one that runs, whatever the disk; and one in the state folder, written when it stops.
 */
export class AlertFiles implements AlertStore {
  private readonly running: string;
  private readonly stopped: string;

  /** @param folders of the daemon */
  constructor({ runtime, state }: Pick<Paths, 'runtime' | 'state'>) {
    this.running = join(runtime, 'alerts');
    this.stopped = join(state, 'alerts');
  }

  take(): readonly KeptAlert[] {
    const kept = read(this.running) ?? read(this.stopped) ?? [];
    remove(this.stopped);
    return kept;
  }

  keep(alerts: readonly KeptAlert[], isStopping: boolean): void {
    try {
      replaceFile(isStopping ? this.stopped : this.running, `${JSON.stringify(alerts)}\n`, 0o600);
      if (isStopping) remove(this.running);
    } catch {
      // They are in memory, and the next change is written again.
    }
  }
}

/** Undefined for a file that is missing. What is damaged in one is left out. */
function read(path: string): KeptAlert[] | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  return listOfFields(parseJson(text)).flatMap((value) => {
    const { name, ranAt, failures, waiting } = fieldsOf(value);
    const events = parseEvents(waiting);
    if (typeof name !== 'string' || !isName(name) || !isCount(ranAt) || !isCount(failures) || !events) return [];
    return [{ name, ranAt, failures, waiting: events }];
  });
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A disk that cannot be written: an alert may then be told twice.
  }
}
