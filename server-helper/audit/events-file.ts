import { fstatSync, renameSync, statSync } from 'node:fs';
import { counted } from '../../src/base/counted.ts';
import { appendLine } from '../own-file.ts';
import { reasonOf } from '../problems.ts';
import type { Audit } from './audit.ts';

/** Bytes of the file. A longer one becomes the previous one, and the previous one is deleted. */
const MOST_BYTES = 8 * 2 ** 20;

/**
 * Whether the standard error is the journal: systemd.exec(5), JOURNAL_STREAM.
 * @param fd another file descriptor, for tests
 */
export function isJournal({ JOURNAL_STREAM }: NodeJS.ProcessEnv, fd = 2): boolean {
  const { dev, ino } = fstatSync(fd, { bigint: true });
  return JOURNAL_STREAM === `${dev}:${ino}`;
}

/**
 * The audit log as a file, for a host on which nothing keeps the standard error: without systemd, in a container, by hand. A full disk
 * makes it incomplete and hurts nothing else. Where the journal has the log there is no such file: so `knockgated events` knows which
 * of the two is in use.
 */
export class EventsFile {
  private readonly path: string;
  private readonly audit: Audit;
  private readonly isUsed: boolean;
  private readonly mostBytes: number;
  private waiting: string[] | undefined = [];
  private lost = 0;

  /**
   * @param audit told once of lines that cannot be written, and of the first one that can
   * @param isUsed false where the journal has the log
   */
  constructor(path: string, audit: Audit, isUsed: boolean, mostBytes = MOST_BYTES) {
    this.path = path;
    this.audit = audit;
    this.isUsed = isUsed;
    this.mostBytes = mostBytes;
  }

  /** Writes what has waited. To be called when no other daemon runs: until then the file may be its own. */
  begin(): void {
    const { waiting = [] } = this;
    this.waiting = undefined;
    if (!this.isUsed) this.setAside();
    for (const line of waiting) this.write(line);
  }

  /** @param line with its newline */
  readonly write = (line: string): void => {
    if (!this.isUsed) return;
    if (this.waiting !== undefined) {
      this.waiting.push(line);
      return;
    }
    const { lost } = this;
    try {
      this.append(line);
    } catch (error) {
      this.lost += 1;
      if (lost === 0) this.audit({ event: 'events-lost', detail: reasonOf(error) });
      return;
    }
    this.lost = 0;
    if (lost > 0)
      this.audit({
        event: 'events-restored',
        detail: `${counted(lost, 'line is', 'lines are')} missing in ${this.path}`,
      });
  };

  private append(line: string): void {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0 && size + Buffer.byteLength(line) > this.mostBytes) this.rotate();
    appendLine(this.path, line, 0o600);
  }

  private setAside(): void {
    try {
      this.rotate();
    } catch {
      // Usually there is none.
    }
  }

  private rotate(): void {
    renameSync(this.path, `${this.path}.1`);
  }
}
