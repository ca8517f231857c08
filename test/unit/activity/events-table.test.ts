import { expect, it } from 'vitest';
import { eventsTable } from '../../../src/activity/events-table.ts';
import { readEventPage } from '../../../src/activity-view/answer.ts';

it('events are lines of a table, with whatever they say', () => {
  const time = '2026-11-30T12:34:56.789Z';
  const alice = { client: 'alice', source: '192.0.2.1', ports: ['tcp/22', 'tcp/80'], seconds: 30 };
  const { rows } = readEventPage({
    events: [
      { time, seq: 3, prev: 'x', event: 'granted', ...alice },
      { time, seq: 2, prev: 'x', event: 'refused', client: 'bob', reason: 'clock-skew', skew_ms: 75000 },
      { time, seq: 1, prev: null, event: 'firewall-lost', detail: 'the table\nwas \u001b[31mflushed' },
    ],
    next: null,
  });
  expect(eventsTable(rows)).toEqual([
    'TIME (UTC)           EVENT          CLIENT  ADDRESS    DETAILS',
    '2026-11-30 12:34:56  granted        alice   192.0.2.1  tcp/22 tcp/80, seconds 30',
    '2026-11-30 12:34:56  refused        bob                clock-skew, skew_ms 75000',
    '2026-11-30 12:34:56  firewall-lost                     the table was \\u001b[31mflushed',
  ]);
});
