import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chart } from '../../../bench/chart.ts';
import { PAGE, withFigures } from '../../../bench/page.ts';
import type { Report } from '../../../bench/results.ts';
import { REPORT } from './support.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('the figures of a page', () => {
  const report = JSON.parse(read('bench/results.json')) as Report;

  it('are those of bench/results.json; otherwise: npm run bench -- --render', () => {
    expect(withFigures(read(PAGE), report)).toBe(read(PAGE));
  });

  it('are those of the chart', () => {
    expect(read('bench/results.svg')).toBe(chart(report));
  });

  it('have a place to go to', () => {
    expect(() => withFigures('# a page without marks\n', REPORT)).toThrow('docs/benchmark.md has lost the marks');
  });
});

describe('the chart', () => {
  const svg = chart(REPORT);

  it('shows every result, in figures or in words', () => {
    for (const said of ['5 ms', '1,250 ms', 'opens 0 of 10 times', '5 ms, opens 49 of 50', 'does not apply']) {
      expect(svg).toContain(said);
    }
    expect(svg.match(/<rect [^>]*height="13"/g)).toHaveLength(REPORT.results.length);
  });

  it('escapes what it quotes', () => {
    expect(svg).toContain('2 cores &amp; little else');
  });

  it('is readable in a dark theme', () => {
    expect(svg).toContain('prefers-color-scheme: dark');
  });
});
