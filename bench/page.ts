import type { Report } from './results.ts';
import { asMarkdown, breakdownTable, casesTable, figuresTable } from './table.ts';

const BEGIN = '<!-- What follows is written by `npm run bench`, from bench/results.json. -->';
const END = '<!-- The end of what `npm run bench` writes. -->';

/** The page that shows the figures. */
export const PAGE = 'docs/benchmark.md';

/** The page with the figures of a report. */
export function withFigures(page: string, report: Report): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has lost the marks between which the figures go`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${figuresOf(report)}\n\n${page.slice(end)}`;
}

function figuresOf(report: Report): string {
  const { versions, machine, breakdown } = report;
  return [
    `${versions}, on ${machine}.`,
    asMarkdown(casesTable(report)),
    'Median / 95th percentile of 50 knocks; × is how many times our median, k/s the thousands of junk packets that arrived each second.',
    'What it costs, and what else was measured:',
    asMarkdown(figuresTable(report)),
    ...(breakdown.length > 0 ? ['Where our milliseconds go:', asMarkdown(breakdownTable(report))] : []),
  ].join('\n\n');
}
