import { readFileSync, rmSync } from 'node:fs';
import type { ChildLedger } from '../capture/tcpdump.ts';
import { appendToFile, writeNewFile } from '../own-file.ts';

/**
 * Notes the processes that this daemon starts. One that was killed leaves its tcpdump behind, which holds the NFLOG group and
 * notices nothing until the next packet; the next daemon ends it. A start time beside each id guards against reused ids.
 */
export class ChildFile implements ChildLedger {
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  started(pid: number): void {
    const startTime = startTimeOf(pid);
    try {
      if (startTime !== undefined) appendToFile(this.path, `${pid} ${startTime}\n`, 0o600);
    } catch {
      // Without a runtime folder a leftover has to be ended by hand: no reason not to run.
    }
  }

  /** Ends what an earlier daemon left; call it only when no other daemon runs here. */
  endLeftovers(): number {
    let lines: string[] = [];
    try {
      lines = readFileSync(this.path, 'latin1').split('\n');
      writeNewFile(this.path, '', 0o600);
    } catch {
      return 0;
    }
    let ended = 0;
    for (const line of lines) {
      const [pid, startTime] = line.split(' ');
      if (startTime === undefined || startTimeOf(Number(pid)) !== startTime || !isTcpdump(Number(pid))) continue;
      try {
        process.kill(Number(pid), 'SIGKILL');
        ended += 1;
      } catch {
        // Gone meanwhile, or another user's: if it is in the way, the capture says so.
      }
    }
    return ended;
  }

  forget(): void {
    rmSync(this.path, { force: true });
  }
}

/** The file can be written by the daemon's user, and may be read by root: it names no other victims. */
function isTcpdump(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === 'tcpdump';
  } catch {
    return false;
  }
}

/** Field 22 of proc(5) stat; the name in field 2 may hold spaces. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(19);
  } catch {
    return undefined;
  }
}
