import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alertEventOf } from '../../../../server-helper/action/alert-causes.ts';
import { type AlertReport, parseReport } from '../../../../server-helper/action/alert-report.ts';
import { AlertFiles } from '../../../../server-helper/action/alert-store.ts';
import { Alerts } from '../../../../server-helper/action/alerts.ts';
import type { ActionResult } from '../../../../server-helper/action/request.ts';
import type { AuditEntry } from '../../../../server-helper/audit/audit.ts';
import type { AlertEvent, ConfiguredAlert } from '../../../../server-helper/config/alert-config.ts';
import { auditLog, FakeClock, temporaryFolder } from '../support.ts';
import { MAIL } from './mail-alert.ts';

const DONE: ActionResult = { kind: 'exit', code: 0 };
const FLUSHED: AuditEntry = { event: 'firewall-lost', detail: 'the table was flushed' };
const REFUSED: AuditEntry = { event: 'refused', client: 'alice', source: '192.0.2.1', reason: 'denied' };

function sceneOf(configured: readonly ConfiguredAlert[] = [MAIL], folder = temporaryFolder(), clock = new FakeClock()) {
  const { audit, entries } = auditLog();
  const sent: { report: AlertReport; at: number }[] = [];
  const scene = { answer: async (): Promise<ActionResult> => DONE, sent, entries, clock, folder, configured };
  const run = (line: string) => {
    const report = parseReport(line.trimEnd());
    if (report === undefined) throw new Error(`the unit would refuse ${line}`);
    sent.push({ report, at: clock.steady() });
    return scene.answer();
  };
  for (const name of ['run', 'state']) mkdirSync(join(folder, name), { recursive: true });
  const store = new AlertFiles({ runtime: join(folder, 'run'), state: join(folder, 'state') });
  const alerts = new Alerts({ clock, audit, run, store, configured: () => scene.configured });
  const note = (event: AlertEvent, entry: AuditEntry = { event }) => alerts.note(event, entry, clock.wall());
  /** Lets time pass second by second, as the daemon does. */
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      clock.pass(1000);
      alerts.second();
      await settled();
    }
  };
  return Object.assign(scene, { alerts, note, pass });
}
/** Lets what was begun go on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const counts = (sent: readonly { report: AlertReport }[]) =>
  sent.map(({ report }) => Object.fromEntries(report.events.map(({ event, count }) => [event, count])));

describe('an alert', () => {
  it('runs at once when something happens, and tells it', async () => {
    const { note, sent, entries } = sceneOf();
    note('firewall-lost', FLUSHED);
    await settled();
    const time = '2027-01-15T08:00:15.000Z';
    const entry = { time, ...FLUSHED };
    expect(sent.map(({ report }) => report)).toEqual([
      { alert: 'mail', events: [{ event: 'firewall-lost', count: 1, first: time, last: time, entries: [entry] }] },
    ]);
    expect(entries).toEqual([{ event: 'alert-sent', action: 'mail', detail: 'firewall-lost 1' }]);
  });

  it('does not run for other events, nor by itself', async () => {
    const { note, sent, pass } = sceneOf([{ ...MAIL, events: ['clock'] }]);
    note('firewall-lost');
    await pass(120);
    expect(sent).toEqual([]);
  });

  it('in a storm runs once a minute, and its last run tells what is left', async () => {
    const { note, sent, pass } = sceneOf();
    for (let second = 0; second < 150; second++) {
      for (let i = 0; i < 40; i++) note('refused', REFUSED);
      if (second === 100) note('firewall-lost', FLUSHED);
      await pass(1);
    }
    expect(counts(sent)).toEqual([{ refused: 1 }, { refused: 2399 }, { refused: 2400, 'firewall-lost': 1 }]);
    await pass(300);
    expect(counts(sent).at(-1)).toEqual({ refused: 1200 });
    expect(sent).toHaveLength(4);
    const pauses = sent.slice(1).map(({ at }, i) => at - (sent[i]?.at ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(60_000);
    const [{ entries, first, last } = { entries: [], first: '', last: '' }] = sent.at(-1)?.report.events ?? [];
    expect(entries).toHaveLength(5);
    expect(Date.parse(last) - Date.parse(first)).toBe(29_000);
  });

  it('runs as seldom as it is told, each by itself', async () => {
    const { note, sent, pass } = sceneOf([MAIL, { ...MAIL, name: 'seldom', every: 600 }]);
    for (let second = 0; second < 700; second++) {
      note('clock');
      await pass(1);
    }
    const runsOf = (name: string) => sent.filter(({ report }) => report.alert === name).length;
    expect([runsOf('mail'), runsOf('seldom')]).toEqual([12, 2]);
  });

  it('runs once at a time, and nobody waits for it', async () => {
    const scene = sceneOf();
    const { note, sent, pass } = scene;
    let finish = (_: ActionResult) => {};
    scene.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    note('clock');
    note('memory');
    await pass(300);
    expect(sent).toHaveLength(1);
    finish({ kind: 'killed' });
    await pass(2);
    // The first one was killed, and is told again.
    expect(counts(sent)).toEqual([{ clock: 1 }, { clock: 1, memory: 1 }]);
  });

  it('that fails is repeated with what it should have told, more and more seldom', async () => {
    const scene = sceneOf();
    const { note, sent, pass, entries } = scene;
    scene.answer = async () => ({ kind: 'exit', code: 7 });
    note('clock');
    await pass(10);
    note('clock');
    await pass(3 * 3600);
    expect(entries[0]).toEqual({ event: 'alert-failed', action: 'mail', detail: 'clock 1; exit 7' });
    const minutes = sent.map(({ at }) => Math.round((at - (sent[0]?.at ?? 0)) / 60_000));
    expect(minutes).toEqual([0, 2, 6, 14, 30, 62, 122]);
    scene.answer = async () => DONE;
    await pass(3600);
    expect(counts(sent).at(-1)).toEqual({ clock: 2 });
    note('clock');
    await pass(61);
    expect(counts(sent).at(-1)).toEqual({ clock: 1 });
  });

  it('is sent later when the unit could not be asked', async () => {
    const scene = sceneOf();
    scene.answer = async () => ({ kind: 'refused', why: 'connect ENOENT' });
    scene.note('firewall-lost', FLUSHED);
    await settled();
    expect(scene.entries.at(-1)?.detail).toBe('firewall-lost 1; connect ENOENT');
    scene.answer = async () => DONE;
    await scene.pass(121);
    expect(counts(scene.sent)).toEqual([{ 'firewall-lost': 1 }, { 'firewall-lost': 1 }]);
  });

  it('no more than eight run at a time; the others wait', async () => {
    const scene = sceneOf(Array.from({ length: 10 }, (_, i) => ({ ...MAIL, name: `mail${i}` })));
    const finish: (() => void)[] = [];
    scene.answer = () => new Promise((resolve) => finish.push(() => resolve(DONE)));
    scene.note('clock');
    await scene.pass(5);
    expect(scene.sent).toHaveLength(8);
    for (const each of finish.splice(0)) each();
    await scene.pass(2);
    expect(scene.sent).toHaveLength(10);
  });
});

describe('a restart', () => {
  it.each(['stopped', 'killed'])('of a daemon that was %s loses nothing, and sends no sooner', async (how) => {
    const { note, pass, alerts, folder, clock, sent } = sceneOf();
    note('clock');
    await pass(10);
    note('memory');
    note('memory');
    await pass(1);
    if (how === 'stopped') alerts.stop();
    expect([existsSync(join(folder, 'run/alerts')), existsSync(join(folder, 'state/alerts'))]).toEqual(
      how === 'stopped' ? [false, true] : [true, false],
    );
    clock.pass(4000);
    const next = sceneOf([MAIL], folder, clock);
    await next.pass(44);
    expect([counts(sent), counts(next.sent)]).toEqual([[{ clock: 1 }], []]);
    await next.pass(1);
    expect(counts(next.sent)).toEqual([{ memory: 2 }]);
  });

  it('while an alert runs leaves what it tells to the next daemon: the run may fail', async () => {
    const scene = sceneOf();
    scene.answer = () => new Promise(() => {});
    scene.note('firewall-lost', FLUSHED);
    await scene.pass(1);
    scene.note('firewall-lost', FLUSHED);
    scene.note('clock');
    scene.alerts.stop();
    const next = sceneOf([MAIL], scene.folder, scene.clock);
    await next.pass(58);
    expect(next.sent).toEqual([]);
    await next.pass(2);
    expect(counts(next.sent)).toEqual([{ 'firewall-lost': 2, clock: 1 }]);
  });

  it('again and again sends once a minute', async () => {
    const folder = temporaryFolder();
    const clock = new FakeClock();
    const sent: unknown[] = [];
    for (let i = 0; i < 120; i++) {
      const scene = sceneOf([MAIL], folder, clock);
      scene.note('state-degraded');
      await scene.pass(1);
      sent.push(...counts(scene.sent));
    }
    expect(sent).toEqual([{ 'state-degraded': 1 }, { 'state-degraded': 59 }, { 'state-degraded': 60 }]);
  });

  it('with a clock that was set back does not wait for longer than its pause', async () => {
    const { note, pass, folder, clock } = sceneOf();
    note('clock');
    await pass(1);
    note('clock');
    await pass(1);
    clock.jump(-86_400_000);
    const next = sceneOf([MAIL], folder, clock);
    await next.pass(60);
    expect(counts(next.sent)).toEqual([{ clock: 1 }]);
  });

  it('forgets an alert that gate.toml does not have any more, and what is damaged', async () => {
    const { note, pass, folder, alerts } = sceneOf();
    note('clock');
    note('memory');
    await pass(1);
    alerts.stop();
    const next = sceneOf([], folder);
    await next.pass(1);
    next.alerts.stop();
    expect(readFileSync(join(folder, 'state/alerts'), 'utf8')).toBe('[]\n');
    for (const text of ['', '{', '[{"name":"mail"}]', '[{"name":"mail","ranAt":1,"failures":0,"waiting":[{}]}]']) {
      writeFileSync(join(folder, 'state/alerts'), text);
      const damaged = sceneOf([MAIL], folder);
      damaged.note('clock');
      await damaged.pass(1);
      expect(counts(damaged.sent)).toEqual([{ clock: 1 }]);
      damaged.alerts.stop();
    }
  });
});

describe('the event of an entry of the log', () => {
  it.each<[AuditEntry, AlertEvent | undefined]>([
    [{ event: 'granted', client: 'alice' }, undefined],
    [REFUSED, 'refused'],
    [{ ...REFUSED, reason: 'replayed' }, 'refused'],
    [{ ...REFUSED, reason: 'malformed' }, undefined],
    [{ ...REFUSED, reason: 'unauthentic' }, undefined],
    [{ ...REFUSED, reason: 'clock-skew' }, 'clock'],
    [{ event: 'clock-set', skew_ms: -5000 }, 'clock'],
    [{ event: 'capture-lost' }, 'capture-lost'],
    [{ event: 'capture-restored' }, undefined],
    [{ event: 'decoy-visited', source: '192.0.2.1' }, 'decoy-visited'],
    [FLUSHED, 'firewall-lost'],
    [{ event: 'firewall-restored' }, undefined],
    [{ event: 'state-degraded' }, 'state-degraded'],
    [{ event: 'memory-high' }, 'memory'],
    [{ event: 'program-replaced' }, 'old-version'],
    [{ event: 'alert-failed' }, undefined],
    [{ event: 'reloaded' }, undefined],
  ])('%j: %s', (entry, expected) => {
    expect(alertEventOf(entry, () => false)).toBe(expected);
  });

  it('is a new address for a first visit alone', () => {
    expect(alertEventOf({ event: 'granted', client: 'alice', source: '192.0.2.1' }, () => true)).toBe('new-address');
  });
});
