import { memoryByProcess } from '../../test/rig/process-memory.ts';
import type { SoakGate } from './gate.ts';

/** State of a gate in one minute: figures by name, all of them whole numbers. */
export type Sample = ReadonlyMap<string, number>;

/** The name of the daemon's own process. */
export const DAEMON = 'daemon';

/** Programs that run for a moment only: the daemon tells the service manager how it is by them. */
const MOMENTARY = /^(systemd-notify|sh)\b/;

/** Looks at the processes of a gate many times in a minute: what counts is how low each gets, since heaps breathe. */
export class MemoryWatch {
  private looks: ReadonlyMap<string, number>[] = [];

  constructor(private readonly gate: SoakGate) {}

  look(): void {
    this.looks.push(byRole(memoryByProcess(this.gate.pids())));
  }

  /** The least of each process since the last call, in kB. A process that only some of the looks saw is left out. */
  least(): Sample {
    const roles = [...new Set(this.looks.flatMap((look) => [...look.keys()]))];
    const figures = roles.flatMap((role): [string, number][] => {
      const seen = this.looks.flatMap((look) => look.get(role) ?? []);
      return seen.length * 2 < this.looks.length ? [] : [[role, Math.min(...seen)]];
    });
    this.looks = [];
    return new Map(figures);
  }
}

/** Several processes of one command are told apart by their size: one that is replaced by another keeps its name so. */
function byRole(processes: ReturnType<typeof memoryByProcess>): ReadonlyMap<string, number> {
  const roles = new Map<string, number>();
  const largestFirst = processes.filter(({ command }) => !MOMENTARY.test(command));
  largestFirst.sort((a, b) => b.privateKb - a.privateKb);
  for (const { command, privateKb } of largestFirst) {
    const name = roleOf(command);
    let role = name;
    for (let n = 2; roles.has(role); n++) role = `${name} ${n}`;
    roles.set(role, privateKb);
  }
  return roles;
}

function roleOf(command: string): string {
  if (/\bknockgated\.cjs run\b/.test(command)) return DAEMON;
  return command.split(' ').slice(0, 3).join(' ');
}
