import { expect, it } from 'vitest';
import { parseTime } from '../../../../../server-helper/manage/events/time.ts';
import { problemOf } from '../../support.ts';

const NOW = Date.parse('2026-11-30T12:00:00.000Z');

it.each([
  ['2026-11-30', '2026-11-30T00:00:00.000Z'],
  ['2026-11-30T14:05', '2026-11-30T14:05:00.000Z'],
  ['2026-11-30 14:05:06', '2026-11-30T14:05:06.000Z'],
  ['2026-11-30T14:05:06.789Z', '2026-11-30T14:05:06.789Z'],
  ['2026-11-30T14:05+02:00', '2026-11-30T12:05:00.000Z'],
  ['30s', '2026-11-30T11:59:30.000Z'],
  ['90m', '2026-11-30T10:30:00.000Z'],
  ['24h', '2026-11-29T12:00:00.000Z'],
  ['7d', '2026-11-23T12:00:00.000Z'],
])('the time %s is %s', (text, iso) => {
  expect(new Date(parseTime('--since', text, NOW)).toISOString()).toBe(iso);
});

it.each([
  '',
  'now',
  '24',
  '1w',
  '-1h',
  '2026-13-01',
  '2026-11-30T25:00',
  '2026-11-30T',
  '30.11.2026',
  '1e3s',
  '2026-11-30\n',
])('the time %j is refused', async (text) => {
  expect(await problemOf(() => parseTime('--since', text, NOW))).toMatchObject({
    code: 'bad-text',
    what: expect.stringMatching(/^--since: /),
  });
});
