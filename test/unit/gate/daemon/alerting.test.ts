import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Activity } from '../../../../server-helper/audit/activity.ts';
import type { AuditEntry } from '../../../../server-helper/audit/audit.ts';
import type { ConfiguredAlert } from '../../../../server-helper/config/alert-config.ts';
import { Alerting } from '../../../../server-helper/daemon/alerting.ts';
import { MAIL as ANY_EVENT } from '../action/mail-alert.ts';
import { auditLog, FakeClock, temporaryFolder } from '../support.ts';

/** No daemon of a test is as large. */
const MAIL: ConfiguredAlert = { ...ANY_EVENT, memory: 65_536 };

function sceneOf(configured: readonly ConfiguredAlert[]) {
  const { audit, entries } = auditLog();
  const clock = new FakeClock();
  const folder = temporaryFolder();
  // Nothing listens there: each alert that is run is told as one that failed.
  const paths = {
    actionSocket: join(folder, 'none'),
    runtime: folder,
    state: folder,
  };
  const activity = new Activity();
  const alerting = new Alerting({ paths, clock, audit, activity, configured: () => configured });
  const note = (entry: AuditEntry) => {
    clock.pass(1);
    alerting.note(entry);
    activity.note(entry, clock.wall());
  };
  const failed = async (count: number) => {
    while (entries.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return entries.map(({ event, detail = '' }) => `${event}: ${detail.split(';')[0]}`);
  };
  return { alerting, note, clock, failed, entries };
}

const granted = (client: string, source: string): AuditEntry => ({ event: 'granted', client, source });

describe('alerting', () => {
  it('runs an alert for the first visit of a client from an address, or a /64', async () => {
    const { alerting, note, clock, failed } = sceneOf([{ ...MAIL, events: ['new-address'] }]);
    note(granted('alice', '192.0.2.1'));
    expect(await failed(1)).toEqual(['alert-failed: new-address 1']);
    for (const source of ['192.0.2.1', '192.0.2.1', '2001:db8::1', '2001:db8::2', '2001:db8:0:1::1', '192.0.2.2'])
      note(granted('alice', source));
    note(granted('bob', '192.0.2.1'));
    // They are handed over before the time passes.
    await new Promise((resolve) => setImmediate(resolve));
    clock.pass(3_600_000);
    alerting.second();
    expect((await failed(2))[1]).toBe('alert-failed: new-address 5');
  });

  it('does nothing without an alert', async () => {
    const { alerting, note, entries } = sceneOf([]);
    note(granted('alice', '192.0.2.1'));
    alerting.second();
    await alerting.stop();
    expect(entries).toEqual([]);
  });
});
