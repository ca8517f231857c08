import { sleep } from '../../test/rig/process.ts';
import { between, memoryOf, usageOf } from '../cpu.ts';
import { Ground } from '../ground.ts';
import { type Figure, rounded } from '../results.ts';
import type { Subject } from '../subjects/subject.ts';

/** Time until work that follows the start is over: a first collection of garbage comes last, after some 8 s. */
const SETTLE_MS = 15_000;

/** Cost of each subject, with all its processes, while nothing happens; all are watched at the same time. */
export async function idleFigures(subjects: readonly Subject[], seconds: number): Promise<Figure[]> {
  return (await Promise.all(subjects.map((subject) => watch(subject, seconds)))).flat();
}

async function watch(subject: Subject, seconds: number): Promise<Figure[]> {
  const ground = await Ground.make('idle');
  try {
    const running = await subject.start(ground, { clients: 1, grants: 0, knocks: 0 });
    await sleep(SETTLE_MS);
    const before = await usageOf(ground.subjectPids());
    await sleep(seconds * 1000);
    const pids = ground.subjectPids();
    const used = between(before, await usageOf(pids));
    const memory = memoryOf(pids);
    await running.stop();
    const figure = (name: string, value: number, unit: string): Figure => {
      return { figure: name, subject: subject.name, value: rounded(value), unit };
    };
    return [
      { figure: 'idle CPU', subject: subject.name, value: Number((used.cpuMs / seconds / 10).toFixed(4)), unit: '%' },
      figure('idle wakeups', used.wakeups / seconds, '/s'),
      figure('memory (PSS)', memory.pss, 'MB'),
      figure('memory (RSS)', memory.rss, 'MB'),
    ];
  } finally {
    await ground.end();
  }
}
