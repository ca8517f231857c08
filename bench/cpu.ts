import { readdirSync, readFileSync } from 'node:fs';
import { must } from '../test/rig/process.ts';

/** Processor time that processes have used until a moment; differences of two say what they used between. */
export interface Usage {
  /** Processor time of them and of children that have ended, in milliseconds. */
  readonly cpuMs: number;
  /** How often they went to sleep of their own accord, and so were woken. */
  readonly wakeups: number;
}

/** Memory of processes; pages that several share count in `pss` by their part. Megabytes. */
export interface Memory {
  readonly pss: number;
  readonly rss: number;
}

let ticksPerSecond: number | undefined;

/** Adds up what these processes have used so far. One that ends meanwhile is counted by its parent. */
export async function usageOf(pids: readonly number[]): Promise<Usage> {
  ticksPerSecond ??= Number((await must(['getconf', 'CLK_TCK'])).trim());
  let [cpuMs, wakeups] = [0, 0];
  for (const pid of pids) {
    try {
      const tasks = readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`);
      const own = tasks.map((task) => Number(read(`${task}/schedstat`).split(' ')[0]) / 1e6);
      const switches = tasks.map((task) =>
        Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(read(`${task}/status`))?.[1]),
      );
      cpuMs += sum(own) + (endedChildrenTicks(pid) * 1000) / ticksPerSecond;
      wakeups += sum(switches);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return { cpuMs, wakeups };
}

/** The difference of two. */
export function between(before: Usage, after: Usage): Usage {
  return { cpuMs: after.cpuMs - before.cpuMs, wakeups: after.wakeups - before.wakeups };
}

/** Memory of these processes now. */
export function memoryOf(pids: readonly number[]): Memory {
  const rollups = pids.map((pid) => read(`/proc/${pid}/smaps_rollup`));
  const megabytes = (name: string) =>
    sum(rollups.map((rollup) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(rollup)?.[1]) / 1024));
  return { pss: megabytes('Pss'), rss: megabytes('Rss') };
}

/** cutime and cstime of proc(5), fields 16 and 17; the name in field 2 may hold spaces and ends with the last parenthesis. */
function endedChildrenTicks(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[13]) + Number(fields[14]);
}

const read = (path: string) => readFileSync(path, 'utf8');

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ESRCH';
}
