import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDebian } from '../../scripts/install.mjs';
import { Activity } from '../../server-helper/audit/activity.ts';
import { parseActivity } from '../../server-helper/audit/activity-file.ts';
import { Chain } from '../../server-helper/audit/chain.ts';
import { scratch } from '../rig/cleanup.ts';
import { Deployer } from '../rig/deployment.ts';
import { figure } from '../rig/figure.ts';
import { Target } from '../rig/target.ts';
import { type Counted, countByJq, JournalWriter, writeMonth } from './month.ts';

const MILLION = 1_000_000;

interface Answer {
  readonly hours: readonly { hour: string; event: string; reason?: string; count: number }[];
  readonly totals: readonly { event: string; reason?: string; count: number }[];
  readonly visitors: readonly { client: string; address: string; first: string; last: string; knocks: number }[];
  readonly events: readonly Record<string, unknown>[];
}

const keyOf = ({ event, reason = '' }: { event: string; reason?: string }) => `${event} ${reason}`;

/** The gate's figures in the form of jq's. */
function countedBy({ hours, visitors }: Answer): Counted {
  return {
    hours: Object.fromEntries(hours.map((each) => [`${each.hour.slice(0, 13)} ${keyOf(each)}`, each.count])),
    visitors: Object.fromEntries(
      visitors.map(({ client, address, first, last, knocks }) => [`${client} ${address}`, { knocks, first, last }]),
    ),
  };
}

function sumsOf(hours: Counted['hours']): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [key, count] of Object.entries(hours)) sums[key.slice(14)] = (sums[key.slice(14)] ?? 0) + count;
  return sums;
}

/** A booted server with a real journal, to which a month of a million events is added. */
describe('a month of a million events', { timeout: 1_800_000 }, () => {
  const { dir: journals, discard } = scratch('journals');
  let target: Target;
  let deployer: Deployer;
  let last: string;

  beforeAll(async () => {
    expect(await ensureDebian(['jq', 'systemd-journal-remote'])).toEqual([]);
    mkdirSync(journals, { recursive: true });
    target = await Target.boot({ name: 'month', machine: [`--bind=${journals}:/var/log/journal`] });
    deployer = new Deployer(target);
    expect((await deployer.deploy(['--yes', '--no-second-way'])).code).toBe(0);
    await target.must(['systemctl', 'stop', 'knockgate']);
    const state = join(target.root, 'var/lib/knockgate');
    const file = join(state, 'activity');
    const activity = new Activity(parseActivity(readFileSync(file, 'utf8')));
    const chain = new Chain(join(state, 'audit-end'));
    const machine = readFileSync(join(target.root, 'etc/machine-id'), 'utf8').trim();
    const journal = new JournalWriter(join(journals, machine, 'month.journal'));
    await writeMonth(
      Date.now(),
      MILLION,
      chain,
      (entry, at) => activity.note(entry, at),
      (line, at) => {
        last = line;
        return journal.write(line, at);
      },
    );
    expect(await journal.end()).toBe(0);
    writeFileSync(file, JSON.stringify(activity.record()));
    chain.second();
    await target.must(['chown', 'knockgate:knockgate', '/var/lib/knockgate/activity', '/var/lib/knockgate/audit-end']);
    await target.must(['systemctl', 'start', 'knockgate']);
  }, 1_200_000);

  afterAll(async () => {
    deployer?.discard();
    await target?.end();
    discard();
  });

  /** Runs a command of the client over ssh, as a person does. */
  const ask = async (...argv: string[]) => {
    const start = performance.now();
    const { code, stdout, stderr } = await deployer.run([...argv, '--ssh-config', deployer.config]);
    expect(code, stderr).toBe(0);
    return { stdout, ms: Math.round(performance.now() - start) };
  };

  it('is in the journal alone', async () => {
    expect((await target.run(['ls', '/var/lib/knockgate/events'])).code).not.toBe(0);
  });

  it('has the figures that jq counts over the journal', async () => {
    const { stdout, ms } = await ask('activity', 'target', '--json', '--days', '31');
    figure(`activity and the last events of a month, over ssh: ${stdout.length} bytes in ${ms} ms`);
    expect(stdout.length).toBeLessThan(1_000_000);
    const answer: Answer = JSON.parse(stdout);
    const counted = await countByJq(journals);
    expect(countedBy(answer)).toEqual(counted);
    expect(Object.fromEntries(answer.totals.map((each) => [keyOf(each), each.count]))).toEqual(sumsOf(counted.hours));
    const lines = Object.values(counted.hours).reduce((sum, count) => sum + count, 0);
    figure(
      `${Object.keys(counted.hours).length} hourly counts and ${Object.keys(counted.visitors).length} visitors, equal to those of jq; ${lines} events`,
    );
    expect(lines).toBeGreaterThan(MILLION);
  });

  it('is listed page by page, also with a filter', async () => {
    const first = await ask('events', 'target', '--json', '--limit', '1000');
    const page = JSON.parse(first.stdout);
    expect(page.events).toHaveLength(1000);
    expect(page.events).toContainEqual(JSON.parse(last));
    const second = await ask('events', 'target', '--json', '--limit', '1000', '--before', page.next);
    const both = [...page.events, ...JSON.parse(second.stdout).events].map(({ seq }) => seq);
    // Those of the set-up have times of the last minutes, and lie among them.
    const seqs = both.filter((seq) => seq > 1000);
    expect(seqs).toEqual(Array.from(seqs, (_, n) => seqs[0] - n));
    expect(seqs.length).toBeGreaterThan(1900);
    const filtered = await ask('events', 'target', '--json', '--client', 'client-7', '--reason', 'replayed');
    const { events } = JSON.parse(filtered.stdout);
    expect(events).toHaveLength(100);
    for (const event of events) expect(event).toMatchObject({ client: 'client-7', reason: 'replayed' });
    figure(`pages over ssh: ${first.ms}, ${second.ms} and (filtered) ${filtered.ms} ms`);
  });

  it('ends a search for somebody who never came, and goes on where it ended', async () => {
    const { stdout, ms } = await ask('events', 'target', '--json', '--client', 'nobody');
    const { events, next } = JSON.parse(stdout);
    expect(events).toEqual([]);
    figure(`a search through 200,000 events without a find, over ssh: ${ms} ms`);
    const on = JSON.parse((await ask('events', 'target', '--json', '--limit', '1', '--before', next)).stdout);
    expect(on.events[0].seq).toBeLessThan(MILLION - 190_000);
  });

  it('goes back to a day', async () => {
    const until = new Date(Date.now() - 20 * 86_400_000).toISOString();
    const since = new Date(Date.parse(until) - 600_000).toISOString();
    const { stdout, ms } = await ask('events', 'target', '--all-pages', '--json', '--since', since, '--until', until);
    const { events, next } = JSON.parse(stdout);
    expect(next).toBeNull();
    const times = events.map(({ time }: { time: string }) => time);
    expect(times).toEqual(times.toSorted().toReversed());
    // One event each 2.592 seconds.
    expect(times.length).toBeGreaterThanOrEqual(231);
    expect(times.length).toBeLessThanOrEqual(232);
    figure(`ten minutes of a day three weeks ago, over ssh: ${ms} ms`);
  });
});
