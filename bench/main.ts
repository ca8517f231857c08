import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CASES, type CaseName } from './cases.ts';
import { machine, peerVersions } from './machine.ts';
import { measure } from './measure.ts';
import type { Report, Result } from './results.ts';
import { subjectOf } from './subjects/all.ts';
import { SUBJECTS, type SubjectName } from './subjects/subject.ts';
import { asText, casesTable } from './table.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Knocks in a case; a quick look takes fewer. */
const KNOCKS = { whole: 50, quick: 5 } as const;

/** What to measure, as it was asked for on the command line. */
export interface BenchOptions {
  quick: boolean;
  /** Names; all when empty. */
  cases: readonly string[];
  subjects: readonly string[];
}

/** Measures, prints, writes the report. Only a whole run replaces bench/results.json. */
export async function bench(options: BenchOptions): Promise<number> {
  const cases = chosen(CASES, options.cases);
  const subjects = chosen(SUBJECTS, options.subjects);
  const results = await measureAll(cases, subjects, options.quick ? KNOCKS.quick : KNOCKS.whole);
  const [onWhat, versions] = await Promise.all([machine(), peerVersions()]);
  const report: Report = { machine: onWhat, versions, results, figures: [], breakdown: [] };
  const whole = !options.quick && cases.length === CASES.length && subjects.length === SUBJECTS.length;
  const file = join(ROOT, whole ? 'bench/results.json' : '.cache/bench/results.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  say(`\n${report.machine}; ${report.versions}\n\n${asText(casesTable(report))}\n`);
  return 0;
}

async function measureAll(cases: readonly CaseName[], subjects: readonly SubjectName[], knocks: number) {
  const results: Result[] = [];
  for (const name of cases) {
    for (const subject of subjects) {
      const result = await measure(subjectOf(subject), name, knocks);
      results.push(result);
      say(JSON.stringify(result));
    }
  }
  return results;
}

/** @throws when a name is none of those there are */
function chosen<T extends string>(all: readonly T[], asked: readonly string[]): readonly T[] {
  const unknown = asked.find((name) => !all.some((each) => each === name));
  if (unknown !== undefined) throw new Error(`there is no ${unknown}; there are ${all.join(', ')}`);
  return asked.length === 0 ? all : all.filter((name) => asked.includes(name));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
