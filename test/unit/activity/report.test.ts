import { describe, expect, it } from 'vitest';
import { type Report, reportLines } from '../../../src/activity/report.ts';
import { readActivity, readEventPage } from '../../../src/activity-view/answer.ts';

const NOW = Date.parse('2026-11-30T12:34:56.000Z');
const STATUS = {
  armed: '2026-11-01T08:00:00.000Z',
  trial: null,
  capture: 'listening',
  state: 'durable',
  restored: 0,
  lead_seconds: 900,
  skipped: null,
  clients: 2,
  packets: { received: 9, granted: 6, refused: 3 },
  kernel: { hidden: 12, opened: 3, asked: 4, spent: 5, junk: 678 },
  time: '2026-11-30T12:34:55.000Z',
};
const BOB = { client: 'bob', address: '192.0.2.7', knocks: 9 };
const ACTIVITY = {
  version: '1.2.3',
  memory: 67_108_864,
  status: STATUS,
  grants: [{ client: 'alice', address: '192.0.2.1', port: 'tcp/22', seconds: 41 }],
  hours: [
    { hour: '2026-11-20T10:00:00.000Z', event: 'granted', count: 9 },
    { hour: '2026-11-30T10:00:00.000Z', event: 'granted', count: 4 },
    { hour: '2026-11-30T10:00:00.000Z', event: 'refused', reason: 'replayed', count: 1 },
    { hour: '2026-11-30T11:00:00.000Z', event: 'granted', count: 2 },
    { hour: '2026-11-30T11:00:00.000Z', event: 'firewall-restored', count: 2 },
  ],
  visitors: [
    { ...BOB, first: '2026-10-01T00:00:00.000Z', last: '2026-11-20T10:10:00.000Z' },
    {
      client: 'alice',
      address: '192.0.2.1',
      first: '2026-11-30T10:01:00.000Z',
      last: '2026-11-30T11:59:00.000Z',
      knocks: 6,
    },
  ],
};
const EVENTS = [{ time: '2026-11-30T11:59:00.000Z', seq: 9, prev: 'x', event: 'granted', client: 'alice' }];

const lines = (changes: Record<string, unknown> = {}, more: Partial<Report> = {}) =>
  reportLines({
    activity: readActivity({ ...ACTIVITY, ...changes }),
    events: readEventPage({ events: EVENTS, next: null }).rows,
    days: 1,
    when: { asked: NOW - 2000, answered: NOW, version: '1.2.3' },
    revoke: 'knockgated revoke ADDRESS',
    ...more,
  });
const shown = (...args: Parameters<typeof lines>) =>
  lines(...args)
    .map(({ text }) => text)
    .join('\n');
const bad = (status: Record<string, unknown>) =>
  lines({ status: { ...STATUS, ...status } })
    .filter(({ tone }) => tone === 'bad')
    .map(({ text }) => text.replace(/ {2,}/, ': '));

describe('the activity for people', () => {
  it('says who is in, what happened, who came, how the gate is, and what happened last', () => {
    expect(shown()).toBe(
      `In now:
CLIENT  ADDRESS    PORT    SECONDS LEFT
alice   192.0.2.1  tcp/22  41
To end a grant: knockgated revoke ADDRESS

The last 24 hours (UTC):
HOUR              KNOCKS  REFUSED  # let in, - refused
2026-11-30 10:00  4       1        ${'#'.repeat(32)}${'-'.repeat(8)}
2026-11-30 11:00  2       0        ${'#'.repeat(16)}

Refused:
replayed  1

Other events:
firewall-restored  2

Who came:
CLIENT  ADDRESS    KNOCKS  FIRST             LAST
alice   192.0.2.1  6       2026-11-30 10:01  2026-11-30 11:59

Packets:
678  Junk: not from a client. The kernel drops it.
3    Opened: knocks to which the kernel has opened by itself.
4    Asked: knocks that the kernel has left to the daemon.
5    Spent: packets that came again, or too often. The kernel drops them.
12   Hidden: attempts to reach a hidden port without a grant. The kernel drops them.
9    Received: packets that have reached the daemon.
6    Granted: knocks to which the daemon has opened.
3    Refused: packets that the daemon has refused.

Health:
Ports                 hidden
Capture               hears knocks
Firewall table        as it was made
Replay record         on disk
Clock of the server   as here
Memory of the daemon  64 MB
Version of the gate   1.2.3
Configuration         in force as it is written
Clients               2 may knock
Without a daemon      known addresses get in for 900 s

Last events:
TIME (UTC)           EVENT    CLIENT  ADDRESS  DETAILS
2026-11-30 11:59:00  granted  alice`,
    );
  });

  it('goes by days where there are more than two, and reaches back so far', () => {
    const month = shown({}, { days: 31 });
    expect(month).toContain('The last 31 days (UTC):\nDAY ');
    expect(month).toMatch(/2026-11-20 +9 +0 +#{40}\n2026-11-30 +6 +1 +#+-+/);
    expect(month).toMatch(/bob +192\.0\.2\.7 +9/);
  });

  it('says so when nothing has happened, and why there are no events', () => {
    const text = shown({ grants: [], hours: [], visitors: [] }, { events: 'The log is missing.\nStart the gate.' });
    expect(text).toContain('Nobody is let in at the moment.');
    expect(text).toContain('Nobody knocked.');
    expect(text).not.toContain('Who came');
    expect(text).toMatch(/Last events:\nThe log is missing\.\nStart the gate\.$/);
  });

  it('leaves long tables to programs', () => {
    const time = '2026-11-30T10:00:00.000Z';
    const visitors = Array.from({ length: 23 }, (_, n) => ({ ...BOB, client: `client-${n}`, first: time, last: time }));
    const text = shown({ visitors });
    expect(text).toMatch(/\nclient-19 .*\nand 3 more: --json has all\.\n/);
  });

  it('marks who is in as good, and a fault as bad', () => {
    expect(lines().filter(({ tone }) => tone === 'good').length).toBe(1);
    expect(bad({})).toEqual([]);
    expect(bad({ capture: 'lost' })).toEqual(['Capture: lost: the gate hears no knocks']);
  });

  it('keeps the text of a hostile gate on its line, and shows what a terminal would obey', () => {
    const evil = '\u001b[2J\u202e\nx';
    const grants = [{ client: evil, address: evil, port: evil, seconds: 1 }];
    const hours = [{ hour: '2026-11-30T11:00:00.000Z', event: 'refused', reason: evil, count: 1 }];
    const text = shown({ grants, hours, version: evil, status: { ...STATUS, skipped: [evil] } });
    for (const character of ['\u001b', '\u202e']) expect(text).not.toContain(character);
    expect(text).not.toMatch(/^x/m);
  });
});
