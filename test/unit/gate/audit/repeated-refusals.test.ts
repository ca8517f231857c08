import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../../server-helper/audit/audit.ts';
import { RepeatedRefusals } from '../../../../server-helper/audit/repeated-refusals.ts';
import { FakeClock } from '../support.ts';

function rig() {
  const clock = new FakeClock();
  const entries: AuditEntry[] = [];
  const refusals = new RepeatedRefusals(
    (entry) => entries.push(entry),
    () => clock.steady(),
    () => 10,
  );
  const refuse = (count: number, client = 'alice', reason = 'replayed') => {
    for (let i = 0; i < count; i++) refusals.audit({ event: 'refused', client, source: `192.0.2.${i % 250}`, reason });
  };
  return { clock, entries, refusals, refuse };
}

describe('refusals that repeat', () => {
  it('are written one by one at first, and then as one line a minute', () => {
    const { clock, entries, refusals, refuse } = rig();
    refuse(24_000);
    expect(entries).toHaveLength(10);
    clock.pass(59_000);
    refusals.second();
    expect(entries).toHaveLength(10);
    clock.pass(1000);
    refusals.second();
    expect(entries.slice(10)).toEqual([
      { event: 'refused', client: 'alice', reason: 'replayed', count: 23_990, seconds: 60 },
    ]);
    refuse(1);
    expect(entries.at(-1)).toMatchObject({ source: '192.0.2.0' });
  });

  it('are counted for each client and reason by itself: a flood hides nobody else', () => {
    const { clock, entries, refusals, refuse } = rig();
    refuse(500);
    refuse(1, 'bob');
    refuse(1, 'alice', 'denied');
    expect(entries.slice(10)).toMatchObject([
      { client: 'bob', reason: 'replayed' },
      { client: 'alice', reason: 'denied' },
    ]);
    clock.pass(60_000);
    refusals.second();
    expect(entries.slice(12)).toMatchObject([{ client: 'alice', reason: 'replayed', count: 490 }]);
  });

  it('are not lost when the daemon ends', () => {
    const { clock, entries, refusals, refuse } = rig();
    refuse(25);
    clock.pass(5000);
    refusals.flush();
    expect(entries.at(-1)).toMatchObject({ count: 15, seconds: 5 });
    refusals.flush();
    expect(entries).toHaveLength(11);
  });

  it('do not delay anything else', () => {
    const { entries, refusals, refuse } = rig();
    refuse(25);
    refusals.audit({ event: 'granted', client: 'alice' });
    expect(entries.at(-1)).toEqual({ event: 'granted', client: 'alice' });
  });

  it('of very many kinds are one kind from then on', () => {
    const { clock, entries, refusals, refuse } = rig();
    for (let i = 0; i < 1200; i++) refuse(1, `client-${i}`);
    expect(entries).toHaveLength(1010);
    clock.pass(60_000);
    refusals.second();
    expect(entries.slice(1010)).toEqual([{ event: 'refused', count: 190, seconds: 60 }]);
  });
});
