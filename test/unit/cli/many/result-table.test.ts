import { describe, expect, it } from 'vitest';
import { reasonAt } from '../../../../src/cli/many/result-table.ts';

describe('the reason in the row of a host', () => {
  it.each([
    ['web1: the port is closed.', 'the port is closed.'],
    ['dev@web1: this account cannot become root.', 'this account cannot become root.'],
    ['A step failed on web1: stop', 'A step failed on web1: stop'],
    ['web12: is another host', 'web12: is another host'],
    ['web1: one line\nand more', 'one line'],
  ])('%j is %j', (what, reason) => {
    expect(reasonAt('web1', { what })).toBe(reason);
  });
});
