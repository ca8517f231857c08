import { describe, expect, it } from 'vitest';
import { showActivity } from '../../../../server-helper/manage/activity.ts';

const NOW = Date.parse('2026-11-30T12:34:56.000Z');
const STATUS = {
  armed: '2026-11-01T08:00:00.000Z',
  capture: 'listening',
  state: 'durable',
  restored: 2,
  lead_seconds: 900,
};
const ANSWER = {
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
  totals: [],
  visitors: [
    {
      client: 'bob',
      address: '192.0.2.7',
      first: '2026-10-01T00:00:00.000Z',
      last: '2026-11-20T10:10:00.000Z',
      knocks: 9,
    },
    {
      client: 'alice',
      address: '192.0.2.1',
      first: '2026-11-30T10:01:00.000Z',
      last: '2026-11-30T11:59:00.000Z',
      knocks: 6,
    },
  ],
};

describe('the activity for people', () => {
  it('says who is in, what happened hour by hour, who came, and how the gate is', () => {
    expect(showActivity(ANSWER, 1, NOW)).toBe(
      `In now:
CLIENT  ADDRESS    PORT    SECONDS LEFT
alice   192.0.2.1  tcp/22  41

The last 24 hours (UTC):
HOUR              KNOCKS  REFUSED  # let in, - refused
2026-11-30 10:00  4       1        ${'#'.repeat(32)}${'-'.repeat(8)}
2026-11-30 11:00  2       0        ${'#'.repeat(16)}

Refused:
replayed  1

Events:
firewall-restored  2

Who came:
CLIENT  ADDRESS    KNOCKS  FIRST             LAST
alice   192.0.2.1  6       2026-11-30 10:01  2026-11-30 11:59

Health:
version           1.2.3
ports             hidden since 2026-11-01 08:00
capture           listening
replay record     durable
table             put back 2 times since the start
without a daemon  known addresses get in for 900 s
memory            64 MB`,
    );
  });

  it('goes by days where there are more than two, and reaches back so far', () => {
    const shown = showActivity(ANSWER, 31, NOW);
    expect(shown).toContain('The last 31 days (UTC):\nDAY ');
    expect(shown).toMatch(/2026-11-20 +9 +0 +#{40}\n2026-11-30 +6 +1 +#+-+/);
    expect(shown).toMatch(/bob +192\.0\.2\.7 +9/);
  });

  it('says so when nothing has happened, and when nothing is hidden', () => {
    const shown = showActivity(
      { ...ANSWER, grants: [], hours: [], visitors: [], status: { ...STATUS, armed: null } },
      1,
      NOW,
    );
    expect(shown).toContain('Nobody is let in at the moment.');
    expect(shown).toContain('Nobody knocked.');
    expect(shown).toMatch(/ports +shown/);
    expect(shown).not.toContain('Who came');
  });
});
