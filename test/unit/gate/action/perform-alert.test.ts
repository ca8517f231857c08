import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AlertReport } from '../../../../server-helper/action/alert-report.ts';
import { performAlert } from '../../../../server-helper/action/perform-alert.ts';
import { ALERT_EVENTS, type ConfiguredAlert } from '../../../../server-helper/config/alert-config.ts';
import { temporaryFolder } from '../support.ts';

const TIME = '2027-01-15T08:00:15.000Z';
const REPORT: AlertReport = {
  alert: 'mail',
  events: [{ event: 'clock', count: 1, first: TIME, last: TIME, entries: [{ detail: '$(id) `id`; id' }] }],
};

function alertThat(...run: string[]): { alerts: ConfiguredAlert[] } {
  const user = userInfo().username;
  const more = { events: ALERT_EVENTS, input: 'json', every: 60, timeout: 1, memory: 256 } as const;
  return { alerts: [{ name: 'mail', run, user, ...more }] };
}

describe('the command of an alert', () => {
  it('reads what happened from its standard input, and gets no more words than it has', async () => {
    const file = join(temporaryFolder(), 'told');
    const program = 'cat >"$0"; echo "$# $KNOCKGATE_ALERT $KNOCKGATE_EVENTS $KNOCKGATE_COUNT" >>"$0"; exit 3';
    const config = alertThat('/bin/sh', '-c', program, file, '{source}', 'a b');
    expect(await performAlert(config, REPORT, 'prod')).toEqual({ kind: 'exit', code: 3 });
    const [json = '', words] = readFileSync(file, 'utf8').split('\n');
    expect(JSON.parse(json)).toMatchObject({ gate: 'prod', ...REPORT });
    expect(words).toBe('2 mail clock 1');
  });

  it('need not read it', async () => {
    const entries = Array.from({ length: 5 }, () => ({ detail: 'x'.repeat(100_000) }));
    const [event] = REPORT.events;
    const long = { alert: 'mail', events: event === undefined ? [] : [{ ...event, entries }] };
    expect(await performAlert(alertThat('/bin/true'), long, 'prod')).toEqual({ kind: 'exit', code: 0 });
  });

  it('is killed when it hangs, with what it has started', async () => {
    const config = alertThat('/bin/sh', '-c', 'sleep 1000 & sleep 1000');
    expect(await performAlert(config, REPORT, 'prod')).toEqual({ kind: 'killed' });
  });

  it.each([
    [alertThat('/none/such'), /ENOENT/],
    [{ alerts: [] }, /^gate\.toml has no such alert$/],
  ])('that cannot be run says why', async (config, why) => {
    expect(await performAlert(config, REPORT, 'prod')).toEqual({ kind: 'refused', why: expect.stringMatching(why) });
  });
});
