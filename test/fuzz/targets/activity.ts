import { readActivity, readEventPage } from '../../../src/activity-view/answer.ts';
import { NotAsExpected } from '../../../src/activity-view/exact.ts';
import { countsAsCsv, eventsAsCsv, visitorsAsCsv } from '../../../src/activity-view/export.ts';
import { countersOf, healthOf } from '../../../src/activity-view/health.ts';
import { readFromPage } from '../../../src/activity-view/messages.ts';
import { seriesOf } from '../../../src/activity-view/series.ts';
import { parseJson } from '../../../src/base/loose-json.ts';
import { type FuzzTarget, must, textTarget } from '../target.ts';

const NOW = Date.UTC(2026, 10, 30, 12, 30);
const AT = new Date(NOW).toISOString();

const ACTIVITY = {
  version: '0.1.0',
  memory: 50_000_000,
  status: {
    ...{
      armed: AT,
      trial: { seconds_left: 3 },
      capture: 'listening',
      state: 'durable',
      restored: 0,
      lead_seconds: 900,
    },
    ...{ skipped: null, clients: 1, packets: { received: 1 }, kernel: { junk: 2 }, time: AT },
  },
  grants: [{ client: 'alice', address: '203.0.113.5', port: 'tcp/22', seconds: 3 }],
  hours: [{ hour: AT, event: 'refused', reason: 'replayed', count: 3 }],
  visitors: [{ client: '=alice', address: '203.0.113.5', first: AT, last: AT, knocks: 3 }],
};
const EVENTS = {
  events: [
    { time: AT, seq: 1, prev: null, event: 'granted', client: '-alice', source: '::1', ports: ['tcp/22'], seconds: 3 },
  ],
  next: 's=0f,i=1',
};
const MESSAGE = { type: 'events', request: 1, before: null, filter: { event: '', client: '', address: '' } };

/** Characters that a screen obeys. */
const OBEYED = /(?![\n\t])[\p{Cc}\p{Cf}]/u;
/** A cell that a spreadsheet would run. */
const FORMULA = /(^|,|\n)"?[=+\-@\t\r]/;

const declares = (error: unknown) => error instanceof NotAsExpected;

function mustBeShown(texts: readonly string[]): void {
  must(!texts.some((text) => OBEYED.test(text)), 'shows what a screen obeys');
}

/** The first cells of rows: those behind them are found the same way. */
function mustBeSafe(csv: string): void {
  must(!csv.split('\r\n').some((line) => FORMULA.test(line.split(',')[0] ?? '')), 'exports a formula');
}

/** The answers of a gate and the messages of a page, as the activity view reads them. */
export const ACTIVITY_TARGETS: readonly FuzzTarget[] = [
  textTarget(
    'activity-answer',
    [JSON.stringify(ACTIVITY)],
    (text) => {
      const activity = readActivity(parseJson(text));
      const { grants, visitors, hours, version } = activity;
      mustBeShown([version, ...grants.flatMap(({ client, address, port }) => [client, address, port])]);
      mustBeShown(visitors.flatMap(({ client, address }) => [client, address]));
      mustBeSafe(visitorsAsCsv(activity));
      mustBeSafe(countsAsCsv(activity));
      for (const days of [1, 7, 31] as const) seriesOf(hours, days, NOW);
      healthOf(activity, { asked: NOW, answered: NOW, version });
      return countersOf(activity).length;
    },
    { declares },
  ),
  textTarget(
    'events-answer',
    [JSON.stringify(EVENTS)],
    (text) => {
      const { rows, next } = readEventPage(parseJson(text));
      mustBeShown(rows.flatMap(({ event, client, address, details }) => [event, client, address, details]));
      mustBeSafe(eventsAsCsv(rows));
      return [rows, next];
    },
    { declares },
  ),
  textTarget('page-messages', [JSON.stringify(MESSAGE)], (text) => readFromPage(parseJson(text)), { declares }),
];
