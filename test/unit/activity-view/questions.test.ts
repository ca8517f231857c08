import { describe, expect, it } from 'vitest';
import { ALL_EVENTS } from '../../../src/activity-view/messages.ts';
import { eventsQuestion, revokeQuestion } from '../../../src/activity-view/questions.ts';
import { problemOf } from '../support.ts';

describe('a question to a gate', () => {
  it('has the words of its filter', () => {
    expect(eventsQuestion(null, 100, ALL_EVENTS)).toEqual(['events', '--json', '--limit', '100']);
    const filter = { event: 'refused', client: 'by hand', address: '203.0.113.0/24' };
    expect(eventsQuestion('s=0f,i=1', 100, filter).slice(4)).toEqual([
      ...['--before', 's=0f,i=1', '--event', 'refused', '--client', 'by hand', '--address', '203.0.113.0/24'],
    ]);
    // A cursor of the file.
    expect(eventsQuestion('17@2026-11-30T12:30:00.000Z', 100, ALL_EVENTS)).toContain('17@2026-11-30T12:30:00.000Z');
    expect(revokeQuestion('2001:DB8::0001')).toEqual(['revoke', '--json', '2001:db8::1']);
  });

  const wrong = [
    { event: '--json' },
    { event: 'a b' },
    { client: '-x' },
    { client: 'a;b' },
    { client: `a${'b'.repeat(70)}` },
    { address: '--help' },
    { address: '203.0.113.5/24' },
  ];
  it.each(wrong)('refuses a value that could be another word: %j', async (change) => {
    const problem = await problemOf(() => eventsQuestion(null, 100, { ...ALL_EVENTS, ...change }));
    expect(problem.code).toBe('bad-text');
  });

  it('refuses a cursor that no gate would give, and grants of no address', async () => {
    for (const ask of [
      () => eventsQuestion('--x', 1, ALL_EVENTS),
      () => revokeQuestion('alice'),
      () => revokeQuestion(''),
    ])
      expect((await problemOf(ask)).code).toBe('bad-text');
  });
});
