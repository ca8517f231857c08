import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';

const MB = 2 ** 20;
/** Milliseconds between two looks. */
const EVERY = 60_000;
/** Looks at a new program before it is told of: an upgrade restarts the daemon a moment after it has replaced the files. */
const LOOKS = 5;

/** Notes in the audit log when the daemon has grown above a limit; again only after it was below nine tenths of it. */
export class MemoryWatch {
  private readonly audit: Audit;
  private readonly bytes: () => number;
  private isHigh = false;

  /** @param bytes memory of this process */
  constructor(audit: Audit, bytes: () => number) {
    this.audit = audit;
    this.bytes = bytes;
  }

  /** @param limit megabytes */
  look(limit: number): void {
    const used = this.bytes() / MB;
    if (used < limit * 0.9) this.isHigh = false;
    if (used <= limit || this.isHigh) return;
    this.isHigh = true;
    this.audit({ event: 'memory-high', detail: `${Math.round(used)} MB, above ${limit} MB` });
  }
}

/** Notes in the audit log, once, when the installed program is not the one that runs. */
export class ProgramWatch {
  private readonly audit: Audit;
  private readonly path: string;
  private readonly version: string;
  private readonly own: string | undefined;
  private stamp: string | undefined;
  private different = 0;

  /**
   * @param path of the program, which is read now
   * @param version of the one that runs
   */
  constructor(audit: Audit, path: string, version: string) {
    this.audit = audit;
    this.path = path;
    this.version = version;
    this.stamp = stampOf(path);
    this.own = hashOf(path);
  }

  look(): void {
    const stamp = stampOf(this.path);
    // A file that is missing is being replaced, or the program was removed; both end without us.
    if (stamp === undefined || this.own === undefined) return;
    if (stamp !== this.stamp) {
      this.stamp = stamp;
      this.different = hashOf(this.path) === this.own ? 0 : 1;
    } else if (this.different > 0) this.different += 1;
    if (this.different !== LOOKS) return;
    const detail = `${this.path} was replaced; this daemon is still version ${this.version}`;
    this.audit({ event: 'program-replaced', detail });
  }
}

/** Calls something at once and then every minute, when it is called every second. */
export function everyMinute(clock: Pick<Clock, 'steady'>, look: () => void): () => void {
  let next = clock.steady();
  return () => {
    if (clock.steady() < next) return;
    next = clock.steady() + EVERY;
    look();
  };
}

/** Changes when somebody writes or replaces the file. */
function stampOf(path: string): string | undefined {
  try {
    const { ino, size, ctimeMs } = statSync(path);
    return `${ino} ${size} ${ctimeMs}`;
  } catch {
    return undefined;
  }
}

function hashOf(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return undefined;
  }
}
