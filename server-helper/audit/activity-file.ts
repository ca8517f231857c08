import { readFileSync } from 'node:fs';
import { fieldsOf } from '../../src/base/loose-json.ts';
import { replaceFile } from '../own-file.ts';
import { reasonOf } from '../problems.ts';
import { Activity, type ActivityRecord, type HourCount, type Visitor } from './activity.ts';
import type { Audit } from './audit.ts';

/** Milliseconds between two writes: a power cut forgets no more. */
const EVERY = 10 * 60_000;
/** Bytes of a file that is read: it never gets that long. */
const LONGEST = 2 ** 20;

/** Keeps the activity in a file of the state folder. A gate works as well without it: no fault of this file is more than a line in the log. */
export class ActivityFile {
  readonly activity: Activity;
  private readonly path: string;
  private readonly steady: () => number;
  private readonly fault: (detail: string) => void;
  private written: number;
  private writtenAt: number;
  private hasFailed = false;

  /**
   * @param steady milliseconds that never jump
   * @param audit told once of a file that cannot be read, and once of one that cannot be written
   */
  constructor(path: string, steady: () => number, audit: Audit) {
    this.path = path;
    this.steady = steady;
    this.fault = (detail) => audit({ event: 'activity-lost', detail });
    this.activity = new Activity(this.read());
    this.written = this.activity.version;
    this.writtenAt = steady();
  }

  /** Writes it when it is time. To be called every second. */
  second(): void {
    if (this.steady() - this.writtenAt >= EVERY) this.write();
  }

  /** Writes it if it has changed. To be called before the daemon ends, too. */
  write(): void {
    const { activity } = this;
    this.writtenAt = this.steady();
    if (activity.version === this.written) return;
    try {
      replaceFile(this.path, `${JSON.stringify(activity.record())}\n`, 0o600);
      this.written = activity.version;
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.fault(`not written: ${reasonOf(error)}`);
      this.hasFailed = true;
    }
  }

  private read(): ActivityRecord | undefined {
    try {
      const bytes = readFileSync(this.path);
      if (bytes.length > LONGEST) throw new Error('it is too long');
      return parseActivity(bytes.toString('utf8'));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
        this.fault(`begun anew: ${reasonOf(error)}`);
      return undefined;
    }
  }
}

/** @throws an error when the text is not what `record` has made */
export function parseActivity(text: string): ActivityRecord {
  const { hours, totals, visitors } = fieldsOf(JSON.parse(text));
  if (!isListOf(hours, isHourCount)) throw new Error('hours are invalid');
  if (!isListOf(totals, isCount)) throw new Error('totals are invalid');
  if (!isListOf(visitors, isVisitor)) throw new Error('visitors are invalid');
  return { hours, totals, visitors };
}

function isListOf<T>(value: unknown, isOne: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isOne);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isCount(value: unknown): value is Omit<HourCount, 'hour'> {
  const { event, reason, count } = fieldsOf(value);
  return typeof event === 'string' && (reason === undefined || typeof reason === 'string') && isNumber(count);
}

function isHourCount(value: unknown): value is HourCount {
  return isCount(value) && isNumber(fieldsOf(value).hour);
}

function isVisitor(value: unknown): value is Visitor {
  const { client, address, first, last, knocks } = fieldsOf(value);
  return typeof client === 'string' && typeof address === 'string' && [first, last, knocks].every(isNumber);
}
