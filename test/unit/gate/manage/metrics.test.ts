import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricsOf, writeMetrics } from '../../../../server-helper/manage/metrics.ts';
import { problemOf, temporaryFolder } from '../support.ts';

const STATUS = {
  armed: '2026-11-01T08:00:00.000Z',
  trial: null,
  capture: 'listening',
  state: 'durable',
  restored: 2,
  clients: 3,
  grants: 1,
  lead_seconds: 900,
  skipped: null,
  kernel: { knocks: 7, dropped: 9000 },
};
const ANSWER = {
  version: '1.2.3',
  memory: 1000,
  status: STATUS,
  totals: [{ event: 'refused', reason: 'replayed', count: 5 }],
};

function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('the metrics', () => {
  it('say how the gate is', () => {
    const samples = samplesOf(metricsOf(ANSWER));
    expect(Object.fromEntries(samples)).toEqual({
      knockgate_up: 1,
      'knockgate_info{version="1.2.3"}': 1,
      knockgate_armed: 1,
      knockgate_trial: 0,
      knockgate_capturing: 1,
      knockgate_replay_record_durable: 1,
      knockgate_skipped_parts: 0,
      knockgate_clients: 3,
      knockgate_grants: 1,
      knockgate_lead_seconds: 900,
      knockgate_resident_memory_bytes: 1000,
      knockgate_table_restored_total: 2,
      'knockgate_events_total{event="refused",reason="replayed"}': 5,
      'knockgate_events_total{event="granted",reason=""}': 0,
      'knockgate_kernel_packets_total{counter="knocks"}': 7,
      'knockgate_kernel_packets_total{counter="dropped"}': 9000,
    });
  });

  it('have help and a type once for each family, in front of it', () => {
    const text = metricsOf(ANSWER);
    const families = [...text.matchAll(/^# HELP (\S+) .+\n# TYPE \1 (gauge|counter)\n\1[ {]/gm)].map(
      ([, name]) => name,
    );
    expect(new Set(families).size).toBe(families.length);
    expect([...text.matchAll(/^# TYPE/gm)]).toHaveLength(families.length);
    expect(text.endsWith('\n')).toBe(true);
  });

  it('say that no daemon answers', () => {
    expect(Object.fromEntries(samplesOf(metricsOf(undefined)))).toEqual({ knockgate_up: 0 });
  });

  it.each([
    ['armed', { armed: null }, 'knockgate_armed 0'],
    ['heard', { capture: 'lost' }, 'knockgate_capturing 0'],
    ['noted on disk', { state: 'degraded' }, 'knockgate_replay_record_durable 0'],
    ['kept', { trial: { seconds_left: 9 } }, 'knockgate_trial 1'],
    ['read whole', { skipped: ['a', 'b'] }, 'knockgate_skipped_parts 2'],
  ])('tell when it is not %s', (_, change, line) => {
    expect(metricsOf({ ...ANSWER, status: { ...STATUS, ...change } })).toContain(`\n${line}\n`);
  });

  it('escape what labels may not have', () => {
    expect(metricsOf({ ...ANSWER, version: 'a"b\\c\nd' })).toContain('{version="a\\"b\\\\c\\nd"}');
  });

  it('go into a file whole, never through a link', async () => {
    const folder = temporaryFolder();
    const [file, target] = [join(folder, 'gate.prom'), join(folder, 'target')];
    writeFileSync(target, 'kept');
    symlinkSync(target, file);
    expect((await problemOf(async () => writeMetrics(file, ''))).code).toBe('file-unwritable');
    expect(readFileSync(target, 'utf8')).toBe('kept');
    for (const text of ['knockgate_up 0\n', 'knockgate_up 1\n']) writeMetrics(target, text);
    expect(statSync(target).mode & 0o777).toBe(0o644);
    expect(readFileSync(target, 'utf8')).toBe('knockgate_up 1\n');
    expect(await problemOf(async () => writeMetrics(join(folder, 'missing/gate.prom'), ''))).toMatchObject({
      code: 'file-unwritable',
    });
  });
});
