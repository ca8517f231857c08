import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Memory of a process that no other process shares. */
export interface ProcessMemory {
  readonly pid: number;
  /** `node run`, `nft -s -i`, `tcpdump -i …`: the program without its folder, and its first arguments. */
  readonly command: string;
  /** Pages that it has written, in kB (Private_Dirty of proc(5), smaps_rollup). */
  readonly privateKb: number;
}

/** Reads what processes hold now. One that has ended meanwhile is left out. */
export function memoryByProcess(pids: readonly number[]): ProcessMemory[] {
  return pids.flatMap((pid) => {
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
      const command = argv.map((arg) => basename(arg)).join(' ');
      return [{ pid, command, privateKb: Number(/^Private_Dirty:\s*(\d+)/m.exec(rollup)?.[1]) }];
    } catch {
      return [];
    }
  });
}
