import { readFileSync } from 'node:fs';

/** Facts of the kernel about a process, to tell one that works from one that hangs. */
export interface Progress {
  /** Processor time that it has used so far, in clock ticks. */
  readonly cpuTicks: number;
  /** It has a processor, waits for one, or waits inside the kernel for something that ends by itself. */
  readonly isWorking: boolean;
}

/** Reads it from /proc/PID/stat (proc(5)). A process that is gone has made no progress. */
export function readProgress(pid: number): Progress {
  try {
    return parseProgress(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return { cpuTicks: 0, isWorking: false };
  }
}

/** @param stat the line: `PID (NAME) STATE …`, with user and system time as fields 14 and 15; the name may hold blanks */
export function parseProgress(stat: string): Progress {
  const [state = '', ...fields] = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  const [user, system] = [fields[10], fields[11]].map(Number);
  return { cpuTicks: (user || 0) + (system || 0), isWorking: state === 'R' || state === 'D' };
}
