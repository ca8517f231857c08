import { CASES, type CaseName } from './cases.ts';
import type { Report, Result } from './results.ts';
import { SUBJECTS, type SubjectName } from './subjects/subject.ts';
import { figure } from './table.ts';

const WIDTH = 860;
const LABELS = 120;
/** Where the bars begin and end; behind them is room for what they say. */
const AREA = { left: LABELS, right: WIDTH - 190 } as const;
const HEAD = 64;
const BAR = { height: 13, step: 16 } as const;
const GAP = 16;
const LEGEND_STEP = 142;
/** Width of the mark that replaces a bar where there is no time to show: it says by its colour whose line this is. */
const STUB = 4;
/** The axis is logarithmic, in milliseconds; a knock that takes longer has failed. */
const AXIS = { least: 0.1, most: 1000, ticks: [0.1, 1, 10, 100, 1000] } as const;

/** Colours that stand out from white and from black alike. */
const COLOURS: Readonly<Record<SubjectName, string>> = {
  'knockgate-known': '#2da44e',
  knockgate: '#57ab5a',
  'knockgate-fwknop': '#1f883d',
  'fwknopd-pcap': '#bf5700',
  'fwknopd-udp': '#d29922',
  knockd: '#768390',
};

/** Text takes the colour of the reader's theme. */
const STYLE = [
  'text { font: 12px system-ui, sans-serif; fill: #24292f }',
  '.title { font-size: 15px; font-weight: 600 }',
  '.axis { fill: #57606a }',
  'line { stroke: #8c959f; stroke-opacity: 0.4 }',
  '@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .axis { fill: #9198a1 } }',
].join('\n    ');

/** The cases as bars, for a page in any colours: median from knock to open port, on a logarithmic axis. */
export function chart({ results, machine }: Report): string {
  const cases = CASES.filter((name) => results.some((result) => result.case === name));
  let top = HEAD;
  const groups = cases.map((name) => {
    const rows = SUBJECTS.flatMap((subject) =>
      results.filter((each) => each.case === name && each.subject === subject),
    );
    const group = groupOf(name, rows, top);
    top += rows.length * BAR.step + GAP;
    return group;
  });
  const bottom = top - GAP + 4;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 44}" role="img" aria-labelledby="title">`,
    `  <title id="title">From knock to open port, median: ${SUBJECTS.join(', ')}</title>`,
    `  <style>\n    ${STYLE}\n  </style>`,
    text(8, 20, 'From knock to open port, median (logarithmic)', 'title'),
    ...legend(),
    ...AXIS.ticks.flatMap((ms) => tick(ms, bottom)),
    ...groups.flat(),
    text(8, bottom + 38, machine, 'axis'),
    '</svg>',
    '',
  ].join('\n');
}

function groupOf(name: CaseName, rows: readonly Result[], top: number): string[] {
  const bars = rows.flatMap((result, n) => {
    const y = top + n * BAR.step;
    const end = result.median_ms === null ? AREA.left + STUB : x(result.median_ms);
    const bar = `  <rect x="${AREA.left}" y="${y}" width="${end - AREA.left}" height="${BAR.height}" rx="2" fill="${COLOURS[result.subject]}"/>`;
    return [bar, text(end + 6, y + 10.5, said(result))];
  });
  return [text(8, top + 10.5, name), ...bars];
}

/** The figures behind a bar. */
function said({ n, succeeded, median_ms }: Result): string {
  if (n === null || succeeded === null) return 'does not apply';
  if (median_ms === null) return `opens ${succeeded} of ${n} times`;
  const time = `${figure(median_ms)} ms`;
  return succeeded === n ? time : `${time}, opens ${succeeded} of ${n} times`;
}

function legend(): string[] {
  return SUBJECTS.flatMap((subject, n) => {
    const left = 8 + n * LEGEND_STEP;
    return [
      `  <rect x="${left}" y="34" width="12" height="12" rx="2" fill="${COLOURS[subject]}"/>`,
      text(left + 18, 44.5, subject),
    ];
  });
}

function tick(ms: number, bottom: number): string[] {
  const at = x(ms);
  return [
    `  <line x1="${at}" y1="${HEAD - 6}" x2="${at}" y2="${bottom}"/>`,
    text(at - 14, bottom + 16, `${ms} ms`, 'axis'),
  ];
}

/** The place of a time on the axis, in whole units: what is drawn again from the same figures is the same. */
function x(ms: number): number {
  const share = Math.log10(Math.max(ms, AXIS.least) / AXIS.least) / Math.log10(AXIS.most / AXIS.least);
  return Math.round(AREA.left + share * (AREA.right - AREA.left));
}

function text(left: number, base: number, words: string, kind?: string): string {
  return `  <text x="${left}" y="${base}"${kind === undefined ? '' : ` class="${kind}"`}>${escaped(words)}</text>`;
}

const escaped = (words: string) => words.replace(/&/g, '&amp;').replace(/</g, '&lt;');
