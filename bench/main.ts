import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { breakdown } from './breakdown.ts';
import { CASES, type CaseName } from './cases.ts';
import { chart } from './chart.ts';
import { keepFilesOnDisk } from './disk.ts';
import { clientTimes } from './figures/client-time.ts';
import { type Effort, measureFigures } from './figures/figures.ts';
import { machine, peerVersions } from './machine.ts';
import { measure } from './measure.ts';
import { PAGE, withFigures } from './page.ts';
import { type Figure, notApplicable, type Report, type Result } from './results.ts';
import { subjectOf } from './subjects/all.ts';
import { SUBJECTS, type Subject, type SubjectName } from './subjects/subject.ts';
import { asText, breakdownTable, casesTable, figuresTable } from './table.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** How the reason of a case begins that ended by an error. */
const FAILED = 'could not be measured';

/** Parts that can be asked for by name: the cases, and those that follow them. */
const PARTS = [...CASES, 'breakdown', 'figures', 'client'] as const;
type Part = (typeof PARTS)[number];

const WHOLE: Effort = { knocks: 50, idleSeconds: 90, epochs: 2, clientRuns: 20 };
const QUICK: Effort = { knocks: 5, idleSeconds: 3, epochs: 0, clientRuns: 3 };
/** Parts of a quick look, unless others are asked for: neither 10,000 clients nor 100,000 grants, which take long to make. */
const QUICK_PARTS: readonly Part[] = ['idle', 'flood-20k', 'flood-max', 'breakdown', 'figures', 'client'];

/** Options of the command line. */
export interface BenchOptions {
  quick: boolean;
  /** Draws the chart and writes the figures again from bench/results.json, and measures nothing. */
  render: boolean;
  /** Names; all when empty. */
  cases: readonly string[];
  subjects: readonly string[];
}

/** Measures, prints, writes the report. Only a whole run replaces bench/results.json, its chart and the pages' figures. */
export async function bench({ quick, render, ...asked }: BenchOptions): Promise<number> {
  if (render) {
    publish(JSON.parse(readFileSync(join(ROOT, 'bench/results.json'), 'utf8')) as Report);
    return 0;
  }
  keepFilesOnDisk();
  const parts = chosen(PARTS, asked.cases, quick ? QUICK_PARTS : PARTS);
  const subjects = chosen(SUBJECTS, asked.subjects, SUBJECTS);
  const report = await measureAll(parts, subjects, quick ? QUICK : WHOLE);
  say(`\n${report.machine}; ${report.versions}`);
  for (const table of [casesTable(report), breakdownTable(report), figuresTable(report)]) {
    if (table.length > 1) say(`\n${asText(table)}`);
  }
  const failed = report.results.some(({ reason }) => reason?.startsWith(FAILED));
  const whole = !failed && !quick && parts.length === PARTS.length && subjects.length === SUBJECTS.length;
  if (whole) publish(report);
  write(whole ? 'bench/results.json' : '.cache/bench/results.json', `${JSON.stringify(report, null, 2)}\n`);
  return failed ? 1 : 0;
}

async function measureAll(parts: readonly Part[], subjects: readonly SubjectName[], effort: Effort): Promise<Report> {
  const [onWhat, versions] = await Promise.all([machine(), peerVersions()]);
  const results: Result[] = [];
  for (const name of CASES.filter((each) => parts.includes(each))) {
    for (const subject of subjects) results.push(await measureOne(subject, name, effort.knocks));
  }
  const stages = parts.includes('breakdown') && subjects.includes('knockgate') ? await breakdown(effort.knocks) : [];
  const figures = parts.includes('figures') ? await measureFigures(alone(subjects), effort, sayFigures) : [];
  const client = parts.includes('client') && subjects.includes('knockgate') ? await clientTimes(effort.clientRuns) : [];
  sayFigures(client);
  return { machine: onWhat, versions, results, figures: [...figures, ...client], breakdown: stages };
}

/** From where a gate is knocked at changes nothing beside the cases: it is measured once. */
function alone(subjects: readonly SubjectName[]): Subject[] {
  return subjects.filter((name) => name !== 'knockgate-known').map(subjectOf);
}

function sayFigures(figures: readonly Figure[]): void {
  for (const { figure, subject, value, unit } of figures) say(`${subject}: ${figure}: ${value} ${unit}`.trimEnd());
}

async function measureOne(subject: SubjectName, name: CaseName, knocks: number): Promise<Result> {
  const start = performance.now();
  const result = await measure(subjectOf(subject), name, knocks).catch((error: Error) => {
    say(`${name} ${subject}: ${error.stack}`);
    return notApplicable(name, subject, `${FAILED}: ${error.message.split('\n')[0]}`);
  });
  const took = Math.round((performance.now() - start) / 1000);
  const { n, succeeded, median_ms, p95_ms, reason } = result;
  say(`${name} ${subject}: ${reason ?? `${succeeded} of ${n}, median ${median_ms}, p95 ${p95_ms} ms`} (${took} s)`);
  return result;
}

/** Draws the chart and writes the figures into the pages that show them. */
function publish(report: Report): void {
  write('bench/results.svg', chart(report));
  write(PAGE, withFigures(readFileSync(join(ROOT, PAGE), 'utf8'), report));
}

/** @throws when a name is none of those there are */
function chosen<T extends string>(all: readonly T[], asked: readonly string[], usual: readonly T[]): readonly T[] {
  const unknown = asked.find((name) => !all.some((each) => each === name));
  if (unknown !== undefined) throw new Error(`there is no ${unknown}; there are ${all.join(', ')}`);
  return asked.length === 0 ? usual : all.filter((name) => asked.includes(name));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
