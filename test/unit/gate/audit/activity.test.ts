import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Activity } from '../../../../server-helper/audit/activity.ts';
import { ActivityFile, parseActivity } from '../../../../server-helper/audit/activity-file.ts';
import { auditLog, FakeClock, temporaryFolder, WALL } from '../support.ts';

const HOUR = 3_600_000;
const HOUR_BEGINS = WALL - (WALL % HOUR);
const granted = (client: string, source: string) => ({ event: 'granted', client, source });
const refused = (reason: string) => ({ event: 'refused', client: 'alice', source: '192.0.2.9', reason });

describe('the activity', () => {
  it('counts events by hour, and by reason', () => {
    const activity = new Activity();
    activity.note(granted('alice', '192.0.2.1'), WALL);
    activity.note(refused('replayed'), WALL);
    activity.note(refused('replayed'), WALL + 1000);
    activity.note(refused('clock-skew'), WALL + HOUR);
    expect(activity.record().hours).toEqual([
      { hour: HOUR_BEGINS, event: 'granted', count: 1 },
      { hour: HOUR_BEGINS, event: 'refused', reason: 'replayed', count: 2 },
      { hour: HOUR_BEGINS + HOUR, event: 'refused', reason: 'clock-skew', count: 1 },
    ]);
    expect(activity.record().totals).toContainEqual({ event: 'refused', reason: 'replayed', count: 2 });
  });

  it('counts a line for several refusals as these', () => {
    const activity = new Activity();
    activity.note(refused('replayed'), WALL);
    activity.note({ event: 'refused', client: 'alice', reason: 'replayed', count: 41, seconds: 60 }, WALL);
    expect(activity.record().totals).toEqual([{ event: 'refused', reason: 'replayed', count: 42 }]);
  });

  it('names the clients that got in, by address; nobody becomes a visitor by a refused knock', () => {
    const activity = new Activity();
    activity.note(granted('alice', '192.0.2.1'), WALL);
    activity.note(granted('bob', '192.0.2.1'), WALL + 1);
    activity.note(granted('alice', '192.0.2.1'), WALL + 2);
    activity.note(refused('replayed'), WALL + 3);
    expect(activity.record().visitors).toEqual([
      { client: 'bob', address: '192.0.2.1', first: WALL + 1, last: WALL + 1, knocks: 1 },
      { client: 'alice', address: '192.0.2.1', first: WALL, last: WALL + 2, knocks: 2 },
    ]);
  });

  it('keeps what fits below a megabyte, the newest, also when the clock jumps', () => {
    const activity = new Activity();
    const reasons = ['replayed', 'clock-skew', 'denied', 'malformed', 'destination-mismatch', 'older'];
    for (let hour = 0; hour < 1000; hour += 1)
      for (const reason of reasons) activity.note(refused(reason), WALL + hour * HOUR);
    for (let n = 0; n < 5000; n += 1)
      activity.note(
        granted(`client-${n}`.padEnd(63, 'x'), `2001:db8:1234:5678:1234:5678:9abc:${n.toString(16)}`),
        WALL,
      );
    const { hours, visitors } = activity.record();
    expect(visitors).toHaveLength(2000);
    expect(visitors.at(-1)?.client).toMatch(/^client-4999x/);
    expect(new Set(hours.map(({ hour }) => hour)).size).toBe(31 * 24);
    expect(hours.at(-1)?.hour).toBe(HOUR_BEGINS + 999 * HOUR);
    expect(JSON.stringify(activity.record()).length).toBeLessThan(1_000_000);
  });

  it('stays below a megabyte whatever happens in each hour, and counts on after a clock that was ahead', () => {
    const activity = new Activity();
    for (let hour = 0; hour < 744; hour += 1)
      for (let kind = 0; kind < 60; kind += 1) activity.note(refused(`reason-${kind}`), WALL + (hour + 10_000) * HOUR);
    for (let n = 0; n < 2000; n += 1)
      activity.note(granted('x'.repeat(63), `2001:db8:1234:5678:1234:5678:9abc:${n.toString(16)}`), WALL);
    const { hours } = activity.record();
    expect(hours[0]).toEqual({ hour: HOUR_BEGINS, event: 'granted', count: 2000 });
    expect(hours.length).toBeLessThanOrEqual(8000);
    expect(JSON.stringify(activity.record()).length).toBeLessThan(1_000_000);
  });

  it('does not grow with kinds that a damaged file names', () => {
    const activity = new Activity();
    for (let n = 0; n < 1000; n += 1) activity.note({ event: `event-${n}` }, WALL);
    expect(activity.record().totals).toHaveLength(200);
  });
});

describe('the file of the activity', () => {
  function rig(before?: string) {
    const path = join(temporaryFolder(), 'activity');
    if (before !== undefined) writeFileSync(path, before);
    const clock = new FakeClock();
    const { entries, audit } = auditLog();
    const open = () => new ActivityFile(path, () => clock.steady(), audit);
    return { path, clock, entries, open };
  }

  it('brings everything back after a restart', () => {
    const { open } = rig();
    const file = open();
    file.activity.note(granted('alice', '192.0.2.1'), WALL);
    file.activity.note(refused('replayed'), WALL);
    file.write();
    expect(open().activity.record()).toEqual(file.activity.record());
  });

  it('is written every ten minutes, and only when something has happened', () => {
    const { path, clock, open } = rig();
    const file = open();
    clock.pass(600_000);
    file.second();
    expect(() => readFileSync(path)).toThrow('ENOENT');
    file.activity.note(refused('replayed'), WALL);
    clock.pass(599_000);
    file.second();
    expect(() => readFileSync(path)).toThrow('ENOENT');
    clock.pass(1000);
    file.second();
    expect(parseActivity(readFileSync(path, 'utf8')).totals).toEqual([
      { event: 'refused', reason: 'replayed', count: 1 },
    ]);
  });

  it.each([
    ['is cut', '{"hours":[{"hour":1,'],
    ['is of another kind', '[]'],
    ['has a wrong hour', '{"hours":[{"hour":"x","event":"granted","count":1}],"totals":[],"visitors":[]}'],
    ['has a negative count', '{"hours":[],"totals":[{"event":"granted","count":-1}],"visitors":[]}'],
    ['has a wrong visitor', '{"hours":[],"totals":[],"visitors":[{"client":"a"}]}'],
    ['is too long', ' '.repeat(2 ** 20 + 1)],
  ])('that %s is begun anew, and the log says so', (_, text) => {
    const { entries, open } = rig(text);
    expect(open().activity.record()).toEqual({ hours: [], totals: [], visitors: [] });
    expect(entries).toMatchObject([{ event: 'activity-lost', detail: expect.stringMatching(/^begun anew: /) }]);
  });

  it('that cannot be written is told once, and nothing else breaks', () => {
    const { path, entries, open } = rig();
    const file = open();
    mkdirSync(`${path}.new/in-the-way`, { recursive: true });
    chmodSync(`${path}.new`, 0o700);
    for (let n = 0; n < 3; n += 1) {
      file.activity.note(refused('replayed'), WALL);
      file.write();
    }
    expect(entries.map(({ event }) => event)).toEqual(['activity-lost']);
    expect(file.activity.record().totals).toMatchObject([{ count: 3 }]);
  });
});
