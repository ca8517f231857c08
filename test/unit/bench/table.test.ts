import { describe, expect, it } from 'vitest';
import { asMarkdown, asText, breakdownTable, casesTable, figure, figuresTable } from '../../../bench/table.ts';
import { REPORT } from './support.ts';

describe('the table of the cases', () => {
  it('says how often it opened if not always, and how many times longer than ours it took', () => {
    expect(casesTable(REPORT)).toEqual([
      ['case', 'knockgate-known', 'knockgate', 'knockd'],
      ['idle', '0.25 / 0.50 ms', '5 / 7.25 ms, 20 ×', '1,250 / 2,000 ms, 5,000 ×'],
      ['flood-max', '', '10 / 12 ms, at 8k/s', '0 of 10 open, at 6k/s'],
      ['clients-10k', '', '5 / 6 ms, 49 of 50 open', 'n/a'],
      ['no-daemon', '', '5 / 6 ms', 'nobody gets in'],
    ]);
  });
});

describe('the table of the figures', () => {
  it('has a row for each, empty where nobody measured', () => {
    expect(figuresTable(REPORT)).toEqual([
      ['figure', 'knockgate', 'knockd'],
      ['idle CPU', '0.012 %', '0 %'],
      ['drop rate', '0.95', ''],
    ]);
  });
});

describe('the breakdown', () => {
  it('adds its stages up beside the whole', () => {
    expect(breakdownTable(REPORT).slice(-2)).toEqual([
      ['all of these', '3.50 ms'],
      ['knock to open', '3.60 ms'],
    ]);
  });

  it('is nothing but a head where nothing was traced', () => {
    expect(breakdownTable({ ...REPORT, breakdown: [] })).toHaveLength(1);
  });
});

describe('a table', () => {
  const table = [
    ['a', 'bb'],
    ['ccc', ''],
  ];
  it('is columns in a terminal', () => {
    expect(asText(table)).toBe('a    bb\nccc');
  });
  it('is Markdown on a page', () => {
    expect(asMarkdown(table)).toBe('| a | bb |\n| --- | --- |\n| ccc |  |');
  });
});

describe('figure', () => {
  it.each([
    [0, '0'],
    [0.01234, '0.012'],
    [0.5, '0.50'],
    [46, '46'],
    [9.999, '10.00'],
    [15.16, '15.2'],
    [123456.7, '123,457'],
  ])('writes %d as %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });
});
