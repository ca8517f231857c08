import { describe, expect, it } from 'vitest';
import { readActivity, readEventPage } from '../../../src/activity-view/answer.ts';
import { csv } from '../../../src/activity-view/csv.ts';
import { asJson, countsAsCsv, eventsAsCsv, visitorsAsCsv } from '../../../src/activity-view/export.ts';
import { busyAnswer, eventsAnswer } from '../../rig/activity-answer.ts';

const NOW = Date.UTC(2026, 10, 30, 12, 30);

describe('comma-separated values', () => {
  it('quote what would end a cell', () => {
    expect(csv([['a,b', 'say "hi"', 'a;b', 'plain', 7]])).toBe('"a,b","say ""hi""","a;b",plain,7\r\n');
  });

  it('keep a row on one line', () => {
    expect(csv([['two\r\nlines\tand more']])).toBe('two lines and more\r\n');
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1', " '=1"],
    ['\t=1', " '=1"],
    ['＝1', "'＝1"],
    ['x;=1+1', `"x;'=1+1"`],
    ['x, @A1', `"x, '@A1"`],
    ['x\n=1', 'x =1'],
  ])('make no formula of %j', (text, cell) => {
    expect(csv([[text]])).toBe(`${cell}\r\n`);
  });

  it('leave numbers alone', () => {
    expect(csv([[-1, 0]])).toBe('-1,0\r\n');
  });
});

describe('an export', () => {
  it('of events has UTC times, and a name that looks like a formula stays a text', () => {
    const page = eventsAnswer(NOW, 0, 1);
    Object.assign(page.events[0] ?? {}, { client: '=HYPERLINK("http://192.0.2.1")' });
    expect(eventsAsCsv(readEventPage(page).rows)).toBe(
      'time,event,client,address,details\r\n' +
        '2026-11-30T12:30:00.000Z,granted,"\'=HYPERLINK(""http://192.0.2.1"")",2001:db8::0,"tcp/22, seconds 30"\r\n',
    );
  });

  it('of figures has a line for each', () => {
    const activity = readActivity(busyAnswer(NOW, 1_000_000));
    expect(countsAsCsv(activity).trimEnd().split('\r\n')).toHaveLength(1 + activity.hours.length);
    expect(visitorsAsCsv(activity).trimEnd().split('\r\n')).toHaveLength(2001);
  });

  it('as JSON is what the gate has written', () => {
    const { events } = eventsAnswer(NOW, 0, 2);
    expect(JSON.parse(asJson(events))).toEqual(events);
  });
});
