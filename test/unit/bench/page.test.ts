import { describe, expect, it } from 'vitest';
import { chart } from '../../../bench/chart.ts';
import { withFigures } from '../../../bench/page.ts';
import { REPORT } from './support.ts';

describe('the figures of the README', () => {
  it('have a place to go to', () => {
    expect(() => withFigures('# a page without marks\n', REPORT)).toThrow('marks');
  });
});

describe('the chart', () => {
  const svg = chart(REPORT);

  it('shows every result, in figures or in words', () => {
    for (const said of ['5.00 ms', '1,250 ms', 'opens 0 of 10 times', '5.00 ms, opens 49 of 50', 'does not apply']) {
      expect(svg).toContain(said);
    }
    expect(svg.match(/<rect [^>]*height="13"/g)).toHaveLength(4);
  });

  it('escapes what it quotes', () => {
    expect(svg).toContain('2 cores &amp; little else');
  });

  it('is readable in a dark theme', () => {
    expect(svg).toContain('prefers-color-scheme: dark');
  });
});
