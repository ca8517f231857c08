import { expect, it } from 'vitest';
import { counted } from '../../../src/base/counted.ts';

it('counts one as one', () => {
  expect([counted(0, 'host'), counted(1, 'host'), counted(2, 'host')]).toEqual(['0 hosts', '1 host', '2 hosts']);
  expect([1, 3].map((count) => counted(count, 'line is', 'lines are'))).toEqual(['1 line is', '3 lines are']);
});
