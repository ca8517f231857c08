import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from '../../rig/target.ts';

const HOUR_MS = 3_600_000;
const DAYS = 30;
const REASONS = ['replayed', 'clock-skew', 'denied', 'malformed', 'destination-mismatch'];
const CLIENTS = ['alice-laptop', 'bob-desk', 'carol-phone'];

/** A line of the log that is made up. */
interface Line {
  readonly time: number;
  readonly event: 'granted' | 'refused';
  readonly client: string;
  readonly source: string;
  readonly reason?: string;
}

/** A month of history: the same events as lines of the log, and as the counts that the daemon keeps. */
export interface History {
  readonly log: string;
  readonly record: string;
  readonly refused: number;
}

/** Makes up the events of the last month, up to an hour ago. */
export function makeHistory(now: number, count: number): History {
  const begin = now - DAYS * 24 * HOUR_MS;
  const step = (DAYS * 24 * HOUR_MS - HOUR_MS) / count;
  const hours = new Map<string, number>();
  const visitors = new Map<string, { first: number; last: number; knocks: number }>();
  const log: string[] = [];
  let refused = 0;
  for (let i = 0; i < count; i += 1) {
    const line = lineAt(i, Math.floor(begin + i * step));
    const { time, event, client, source, reason } = line;
    const seen = { time: new Date(time).toISOString(), seq: i + 1, prev: null, event, client, source };
    log.push(JSON.stringify(reason === undefined ? { ...seen, ports: ['tcp/22'], seconds: 30 } : { ...seen, reason }));
    const key = `${time - (time % HOUR_MS)} ${event} ${reason ?? ''}`;
    hours.set(key, (hours.get(key) ?? 0) + 1);
    if (event === 'refused') refused += 1;
    if (event !== 'granted') continue;
    const id = `${client} ${source}`;
    const visitor = visitors.get(id) ?? { first: time, last: time, knocks: 0 };
    visitors.set(id, { first: visitor.first, last: time, knocks: visitor.knocks + 1 });
  }
  const record = {
    hours: [...hours].map(([key, number]) => {
      const [hour, event, reason = ''] = key.split(' ');
      return { hour: Number(hour), event, ...(reason !== '' && { reason }), count: number };
    }),
    totals: [],
    visitors: [...visitors].slice(-2000).map(([id, visitor]) => {
      const [client, address] = id.split(' ');
      return { client, address, ...visitor };
    }),
  };
  return { log: `${log.join('\n')}\n`, record: JSON.stringify(record), refused };
}

function lineAt(i: number, time: number): Line {
  const client = CLIENTS[i % CLIENTS.length] ?? '';
  const source = `203.0.${113 + (i % 5)}.${(i * 7) % 250}`;
  if (i % 5 < 2) return { time, event: 'granted', client, source };
  return { time, event: 'refused', client, source, reason: REASONS[i % REASONS.length] ?? '' };
}

/**
 * Gives a gate this history: the counts in its state folder, and the lines in the journal of its unit, which takes only what a
 * process of the unit has written.
 */
export async function giveHistory(target: Target, { log, record }: History): Promise<void> {
  await target.must(['systemctl', 'stop', 'knockgate']);
  const file = '/usr/lib/knockgate/history';
  writeFileSync(join(target.root, file), log);
  await target.must(
    [
      'sh',
      '-c',
      'cat > /var/lib/knockgate/activity && chown --reference=/var/lib/knockgate /var/lib/knockgate/activity',
    ],
    {
      input: record,
    },
  );
  const journald = '/etc/systemd/journald.conf.d';
  const unit = '/etc/systemd/system/knockgate.service.d';
  await target.must(['mkdir', '-p', journald, unit]);
  writeFileSync(
    join(target.root, journald, 'history.conf'),
    '[Journal]\nStorage=persistent\nSystemMaxUse=4G\nSystemMaxFileSize=4G\nRateLimitIntervalSec=0\n',
  );
  writeFileSync(
    join(target.root, unit, 'history.conf'),
    `[Service]\nLogRateLimitIntervalSec=0\nTimeoutStartSec=900\nExecStartPre=/bin/cat ${file}\n`,
  );
  // What the set-up has logged is not in these counts.
  await target.must(['sh', '-c', 'rm -rf /run/log/journal/* /var/log/journal/*']);
  await target.must(['systemctl', 'restart', 'systemd-journald']);
  await target.must(['systemctl', 'daemon-reload']);
  await target.must(['systemctl', 'start', 'knockgate'], { timeout: 900_000 });
  // Its next start is an ordinary one.
  await target.must(['rm', '-r', file, join(unit, 'history.conf')]);
  await target.must(['systemctl', 'daemon-reload']);
  await target.must(['journalctl', '--sync']);
}
