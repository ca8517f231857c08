import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { overwriteFile, replaceFile } from '../own-file.ts';

/** The last line of the log: its number, and its hash. */
export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

/** SHA-256 of a line without its newline, in base64url. */
export function hashOfLine(line: string): string {
  return createHash('sha256').update(line).digest('base64url');
}

/** @returns undefined when the file is missing or is not one of ours */
export function readChainEnd(path: string): ChainEnd | undefined {
  try {
    const [, seq, hash = ''] = /^([0-9]{1,15}) ([\w-]{43})\n$/.exec(readFileSync(path, 'latin1')) ?? [];
    return seq === undefined ? undefined : { seq: Number(seq), hash };
  } catch {
    return undefined;
  }
}

/**
 * Chains the lines of the audit log: each has a number (`seq`) and the hash of the line before it (`prev`), so that
 * `knockgated audit verify` notices a line that somebody changed, added or took away. The end of the chain is kept in the state
 * folder: the next daemon goes on from there, and lines that are missing at the end are noticed as well. There is no secret in it:
 * root can write a whole new chain, and only a copy elsewhere shows that.
 */
export class Chain {
  private readonly path: string;
  private end: ChainEnd | undefined;
  private kept: ChainEnd | undefined;

  /** @param path file of the state folder */
  constructor(path: string) {
    this.path = path;
    this.end = readChainEnd(path);
    this.kept = this.end;
  }

  /**
   * The next line, without its newline.
   * @param entry an entry of the audit log
   */
  line(time: string, entry: object): string {
    const seq = (this.end?.seq ?? 0) + 1;
    const line = JSON.stringify({ time, seq, prev: this.end?.hash ?? null, ...entry });
    const end = { seq, hash: hashOfLine(line) };
    this.end = end;
    this.note(end, overwriteFile);
    return line;
  }

  /** Notes the end of the chain, where that was not possible before. To be called every second, and before the daemon ends. */
  second(): void {
    if (this.end !== undefined && this.end !== this.kept) this.note(this.end, replaceFile);
  }

  /**
   * Notes an end at once: a daemon that is killed must not give a number twice. All notes are of one length, and take the place of
   * another without more room on the disk.
   */
  private note(end: ChainEnd, write: (path: string, content: string, mode: number) => void): void {
    try {
      write(this.path, `${String(end.seq).padStart(15, '0')} ${end.hash}\n`, 0o600);
      this.kept = end;
    } catch {
      // The next second tries again.
    }
  }
}
