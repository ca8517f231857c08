import type { Report } from './results.ts';
import { asMarkdown, breakdownTable, casesTable, figuresTable } from './table.ts';

const BEGIN = '<!-- What follows is written by `npm run bench`, from bench/results.json. -->';
const END = '<!-- The end of what `npm run bench` writes. -->';

/** The README with its figures as they are in this report. */
export function withFigures(readme: string, report: Report): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('README.md has lost the marks between which the figures go');
  return `${readme.slice(0, begin)}${BEGIN}\n\n${section(report)}\n\n${readme.slice(end)}`;
}

function section(report: Report): string {
  const { versions, machine, breakdown } = report;
  return [
    asMarkdown(casesTable(report)),
    'Median / 95th percentile of 50 knocks; × is how many times our median, k/s the thousands of junk packets that arrived each second.',
    `${versions}, on ${machine}.`,
    '<details><summary>What it costs, and what else was measured</summary>',
    asMarkdown(figuresTable(report)),
    ...(breakdown.length > 0 ? ['Where our milliseconds go:', asMarkdown(breakdownTable(report))] : []),
    '</details>',
  ].join('\n\n');
}
