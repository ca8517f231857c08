import { describe, expect, it } from 'vitest';
import { NotAsExpected } from '../../../src/activity-view/exact.ts';
import { ALL_EVENTS, readFromPage, readToPage } from '../../../src/activity-view/messages.ts';
import { busyAnswer, eventsAnswer } from '../../rig/activity-answer.ts';

const NOW = Date.UTC(2026, 10, 30, 12, 30);

describe('a message of the page', () => {
  const good = [
    { type: 'ready' },
    { type: 'refresh' },
    { type: 'events', request: 3, before: null, filter: ALL_EVENTS },
    { type: 'events', request: 3, before: 's=1,i=2', filter: { event: 'refused', client: 'a', address: '::1' } },
    { type: 'revoke', address: '203.0.113.5' },
    { type: 'export', filter: ALL_EVENTS },
  ];
  it.each(good)('is read as it is: %j', (message) => {
    expect(readFromPage(message)).toEqual(message);
  });

  const bad = [
    null,
    'ready',
    {},
    { type: 'run' },
    { type: 'ready', more: 1 },
    { type: 'revoke' },
    { type: 'revoke', address: ['203.0.113.5'] },
    { type: 'events', request: -1, before: null, filter: ALL_EVENTS },
    { type: 'events', request: 1, filter: ALL_EVENTS },
    { type: 'events', request: 1, before: null, filter: { ...ALL_EVENTS, limit: '9' } },
    { type: 'export' },
  ];
  it.each(bad)('is refused when it is another: %j', (message) => {
    expect(() => readFromPage(message)).toThrow(NotAsExpected);
  });
});

describe('a message to the page', () => {
  it('has the answers of a gate, read', () => {
    const answer = busyAnswer(NOW, 1000);
    const read = readToPage({ type: 'activity', answer, asked: 1, answered: 2 });
    expect(read).toMatchObject({ type: 'activity', answer: { status: { time: NOW } }, asked: 1 });
    const page = readToPage({ type: 'events', request: 1, answer: eventsAnswer(NOW, 0, 2) });
    expect(page).toMatchObject({ request: 1, answer: { rows: [{ event: 'granted', time: NOW }, {}] } });
  });

  it('is refused when it is another', () => {
    const answer = { ...busyAnswer(NOW, 1000), grants: 'nobody' };
    for (const message of [{ type: 'activity', answer, asked: 1, answered: 2 }, { type: 'done' }, { type: 'start' }, 7])
      expect(() => readToPage(message)).toThrow(NotAsExpected);
  });

  it('has texts of any language', () => {
    const start = { type: 'start', host: 'prod', language: 'de', version: '1', texts: { Refresh: 'Aktualisieren' } };
    expect(readToPage(start)).toEqual(start);
  });
});
