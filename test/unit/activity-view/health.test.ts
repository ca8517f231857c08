import { describe, expect, it } from 'vitest';
import { readActivity } from '../../../src/activity-view/answer.ts';
import { countersOf, healthOf } from '../../../src/activity-view/health.ts';
import { inEnglish } from '../../../src/base/phrase.ts';
import { busyAnswer, quietAnswer } from '../../rig/activity-answer.ts';

const NOW = Date.UTC(2026, 10, 30, 12, 30);
const ASKED = { asked: NOW - 100, answered: NOW + 100, version: '0.1.0' };

/** The lines that somebody should look at, of a gate with these changes. */
function faults(status: Record<string, unknown>, change: Record<string, unknown> = {}, asked = ASKED): string[] {
  const good = quietAnswer(NOW);
  const activity = readActivity({ ...good, ...change, status: { ...good.status, ...status } });
  const wrong = healthOf(activity, asked).filter(({ isFault }) => isFault);
  return wrong.map(({ name, says }) => `${inEnglish(name)}: ${inEnglish(says)}`);
}

describe('the health of a gate', () => {
  it('has no fault while all is well', () => {
    expect(faults({})).toEqual([]);
  });

  const cases: [string, Record<string, unknown>, string][] = [
    ['shows its ports', { armed: null }, 'Ports: shown to everybody'],
    ['is on trial', { trial: { seconds_left: 90 } }, 'Ports: hidden on trial, for 90 s more'],
    ['hears nothing', { capture: 'lost' }, 'Capture: lost: the gate hears no knocks'],
    [
      'had its table flushed',
      { restored: 2 },
      'Firewall table: put back 2 times since the daemon started: something else flushes it',
    ],
    ['cannot write', { state: 'degraded' }, 'Replay record: not on disk: the gate cannot write its state folder'],
    ['skips parts', { skipped: ['[[client]] 2'] }, 'Configuration: 1 parts are skipped: `knockgated check` names them'],
    ['knows nobody', { clients: 0 }, 'Clients: nobody may knock'],
  ];
  it.each(cases)('has one when it %s', (_, status, says) => {
    expect(faults(status)).toEqual([says]);
  });

  it('has one when daemon and extension are of two versions, or much memory is used', () => {
    expect(faults({}, { version: '0.0.9' })).toEqual(['Version of the gate: 0.0.9; this program has 0.1.0']);
    expect(faults({}, { memory: 2 ** 30 })).toEqual(['Memory of the daemon: 1024 MB: much more than usual']);
  });

  it('has one when a clock is off by more than the question can explain', () => {
    const off = (ms: number, asked = ASKED) => faults({ time: new Date(NOW + ms).toISOString() }, {}, asked);
    expect(off(4000)).toEqual([]);
    expect(off(9100)).toEqual(['Clock of the server: 9 s ahead']);
    expect(off(-60_100)).toEqual(['Clock of the server: 60 s behind']);
    // Somebody typed a password meanwhile.
    expect(off(20_000, { ...ASKED, answered: NOW + 30_000 })).toEqual([]);
  });
});

it('the counters are those of the kernel, then those of the daemon', () => {
  const counters = countersOf(readActivity(busyAnswer(NOW, 1000)));
  expect(counters.map(({ packets }) => packets)).toEqual([
    1_402_117, 390_120, 41_104, 9377, 88_120, 431_224, 401_998, 29_114,
  ]);
});
