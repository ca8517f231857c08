import { readFileSync } from 'node:fs';
import { replaceFile } from '../own-file.ts';
import { type ActionRequest, formatRequest, parseRequest } from './request.ts';

/** Closing command that has to run. */
export interface PendingClose {
  readonly request: ActionRequest;
  /** Unix milliseconds. */
  readonly until: number;
  /** Seconds that it may take. */
  readonly timeout: number;
}

/**
 * Actions that have to be closed, and when. They are kept in a file, so that a daemon that was away closes them when it is back.
 * One for each action and source.
 */
export class PendingCloses {
  private readonly path: string;
  private readonly all: Map<string, PendingClose>;

  /** @param path of the file; one that cannot be read counts as empty */
  constructor(path: string) {
    this.path = path;
    this.all = new Map(read(path).map((pending) => [keyOf(pending.request), pending]));
  }

  /** Number of closes that wait. */
  get size(): number {
    return this.all.size;
  }

  /**
   * Notes a close. An existing one may move to a later time, never to an earlier one.
   * @returns a function that undoes it, unless another note came since
   */
  set(request: ActionRequest, until: number, timeout: number): () => void {
    const key = keyOf(request);
    const before = this.all.get(key);
    const noted = { request, until: Math.max(before?.until ?? 0, until), timeout };
    this.all.set(key, noted);
    this.write();
    return () => {
      if (this.all.get(key) !== noted) return;
      if (before === undefined) this.all.delete(key);
      else this.all.set(key, before);
      this.write();
    };
  }

  /** @param until forgets it only if it is still for this time */
  forget(request: ActionRequest, until: number): void {
    if (this.all.get(keyOf(request))?.until !== until) return;
    this.all.delete(keyOf(request));
    this.write();
  }

  /** @param now unix milliseconds */
  due(now: number): PendingClose[] {
    return [...this.all.values()].filter(({ until }) => until <= now);
  }

  /** Writes the file; ignores that the disk refuses. */
  private write(): void {
    const lines = [...this.all.values()].map(
      ({ request, until, timeout }) => `${until} ${timeout} ${formatRequest(request)}`,
    );
    try {
      replaceFile(this.path, lines.join(''), 0o600);
    } catch {
      // They are still in memory.
    }
  }
}

function keyOf({ action, source }: ActionRequest): string {
  return `${action} ${source}`;
}

function read(path: string): PendingClose[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [, until, timeout, rest = ''] = /^([0-9]{1,15}) ([0-9]{1,3}) (.*)$/.exec(line) ?? [];
    const request = parseRequest(rest);
    return request?.phase === 'close' ? [{ request, until: Number(until), timeout: Number(timeout) }] : [];
  });
}
