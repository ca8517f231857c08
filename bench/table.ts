import { CASES, type CaseName } from './cases.ts';
import type { Report, Result } from './results.ts';
import { SUBJECTS, type SubjectName } from './subjects/subject.ts';

/** A table as rows of cells, the first row being its head. */
export type Table = readonly (readonly string[])[];

/** Knock to open: a row for each case that was measured, a column for each subject. */
export function casesTable({ results }: Report): Table {
  const subjects = SUBJECTS.filter((subject) => results.some((result) => result.subject === subject));
  const cases = CASES.filter((name) => results.some((result) => result.case === name));
  const find = (name: CaseName, subject: SubjectName) =>
    results.find((result) => result.case === name && result.subject === subject);
  const rows = cases.map((name) => {
    const ours = find(name, 'knockgate-known') ?? find(name, 'knockgate');
    return [name, ...subjects.map((subject) => cell(find(name, subject), ours))];
  });
  return [['case', ...subjects], ...rows];
}

/** Median and 95th percentile, how often it did not open, how many times our median, and what the flood was. */
function cell(result: Result | undefined, ours: Result | undefined): string {
  if (result === undefined) return '';
  if (result.n === null) return 'n/a';
  const parts: string[] = [];
  if (result.median_ms !== null) parts.push(`${figure(result.median_ms)} / ${figure(result.p95_ms ?? 0)} ms`);
  if (result.case === 'no-daemon' && result.succeeded === 0) return 'nobody gets in';
  if (result.succeeded !== result.n) parts.push(`${result.succeeded} of ${result.n} open`);
  if (result !== ours && result.median_ms !== null && ours?.median_ms)
    parts.push(`${figure(result.median_ms / ours.median_ms)} ×`);
  if (result.received_pps !== null) parts.push(`at ${Math.round(result.received_pps / 1000)}k/s`);
  return parts.join(', ');
}

/** Table of the figures beside the cases: a row for each figure, a column for each subject. */
export function figuresTable({ figures }: Report): Table {
  const subjects = SUBJECTS.filter((subject) => figures.some((each) => each.subject === subject));
  const names = [...new Set(figures.map((each) => each.figure))];
  const rows = names.map((name) => [
    name,
    ...subjects.map((subject) => {
      const found = figures.find((each) => each.figure === name && each.subject === subject);
      return found?.value === undefined || found.value === null ? '' : `${figure(found.value)} ${found.unit}`.trim();
    }),
  ]);
  return [['figure', ...subjects], ...rows];
}

/** Where our milliseconds go, and what the stages add up to. */
export function breakdownTable({ breakdown }: Report): Table {
  const stages = breakdown.slice(0, -1);
  const sum = stages.reduce((total, { ms }) => total + ms, 0);
  const all = stages.length === 0 ? [] : [{ stage: 'all of these', ms: sum }];
  const rows = [...stages, ...all, ...breakdown.slice(-1)];
  return [['stage', 'takes'], ...rows.map(({ stage, ms }) => [stage, `${figure(ms)} ms`])];
}

/** Three digits that count, and whole numbers whole: 0, 0.012, 0.42, 7.31, 15.2, 104. */
export function figure(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  if (value < 0.1) return String(Number(value.toPrecision(2)));
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** For a terminal: columns of one width. */
export function asText(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  return table
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** For a page. */
export function asMarkdown(table: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const [head = [], ...rows] = table;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
