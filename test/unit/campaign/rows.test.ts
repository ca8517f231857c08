import { describe, expect, it } from 'vitest';
import { page } from '../../rig/campaign/report.ts';
import { ROWS } from '../../rig/campaign/rows.ts';

describe('the rows of the campaign', () => {
  it('have names of their own, and are at least 80', () => {
    expect(new Set(ROWS.map(({ group, name }) => `${group}: ${name}`)).size).toBe(ROWS.length);
    expect(ROWS.length).toBeGreaterThanOrEqual(80);
  });
});

describe('the report', () => {
  const [row] = ROWS;
  it('says what was broken', () => {
    if (row === undefined) throw new Error('there are no rows');
    const result = {
      row,
      breaches: ['let in after the fault: a SYN', '{}'],
      seconds: undefined,
      putBackAfter: undefined,
    };
    expect(page([result], 'here')).toContain('| **broken: let in after the fault: a SYN** | - |');
  });
});
