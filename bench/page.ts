import type { Report } from './results.ts';
import { asMarkdown, breakdownTable, casesTable, figuresTable, summaryTable } from './table.ts';

const BEGIN = '<!-- What follows is written by `npm run bench`, from bench/results.json. -->';
const END = '<!-- The end of what `npm run bench` writes. -->';

/** The pages that show figures, each with what goes between its marks. */
export const PAGES: Readonly<Record<string, (report: Report) => string>> = {
  'README.md': summary,
  'docs/benchmark.md': everything,
};

/** A page with the figures of a report. */
export function withFigures(path: string, page: string, report: Report): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${path} has lost the marks between which the figures go`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${PAGES[path]?.(report)}\n\n${page.slice(end)}`;
}

function summary(report: Report): string {
  return [asMarkdown(summaryTable(report)), `Median of 50 knocks; ${report.versions}, on ${report.machine}.`].join(
    '\n\n',
  );
}

function everything(report: Report): string {
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
