import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AuditEntry } from '../../server-helper/audit/audit.ts';
import { auditTo } from '../../server-helper/audit/audit.ts';
import type { Chain } from '../../server-helper/audit/chain.ts';
import { ended, finish } from '../rig/process.ts';
import { Random } from '../rig/random.ts';

const MONTH_MS = 30 * 86_400_000;
const REASONS = ['replayed', 'clock-skew', 'denied', 'malformed', 'destination-mismatch', 'source-mismatch'] as const;
const SELDOM = ['reloaded', 'firewall-restored'] as const;
const CLIENTS = Array.from({ length: 40 }, (_, n) => `client-${n}`);

/** Some event: most are knocks, some of the refused ones are summed up in one line. */
function someEvent(random: Random): AuditEntry {
  const client = random.pick(CLIENTS) ?? '';
  const source = `198.51.100.${random.below(40)}`;
  const kind = random.below(1000);
  if (kind < 700) return { event: 'granted', client, source, ports: ['tcp/22'], seconds: 30 };
  if (kind < 702) return { event: random.pick(SELDOM) };
  const reason = random.pick(REASONS);
  if (kind < 710) return { event: 'refused', client, reason, count: 1 + random.below(500), seconds: 60 };
  return { event: 'refused', client, source, reason };
}

/**
 * Writes a month of events as the daemon writes them, up to a minute ago.
 * @param write gets each line, and its time in unix milliseconds
 */
export async function writeMonth(
  now: number,
  events: number,
  chain: Chain,
  count: (entry: AuditEntry, at: number) => void,
  write: (line: string, at: number) => Promise<void> | undefined,
): Promise<void> {
  const random = new Random('a month');
  let at = 0;
  let waiting: Promise<void> | undefined;
  const audit = auditTo(
    (line) => {
      waiting = write(line, at);
    },
    () => at,
    { chain, count },
  );
  for (let n = 0; n < events; n += 1) {
    at = now - 60_000 - MONTH_MS + Math.floor((n / events) * MONTH_MS);
    audit(someEvent(random));
    if (waiting !== undefined) await waiting;
  }
}

/** Makes a file of the journal, as a server that collects journals does; systemd's "Journal Export Format". */
export class JournalWriter {
  private readonly child;
  private readonly done: Promise<number | null>;
  private usec = 0;

  constructor(path: string) {
    this.child = spawn('/lib/systemd/systemd-journal-remote', [`--output=${path}`, '-'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    this.done = ended(this.child);
  }

  /** @returns something to wait for when the program is behind */
  write(line: string, at: number): Promise<void> | undefined {
    this.usec += 1;
    const entry = [
      `__REALTIME_TIMESTAMP=${at * 1000 + 500}`,
      `__MONOTONIC_TIMESTAMP=${this.usec}`,
      `_BOOT_ID=${'b'.repeat(32)}`,
      `_SYSTEMD_UNIT=knockgate.service`,
      `MESSAGE=${line}`,
    ];
    if (this.child.stdin.write(`${entry.join('\n')}\n`)) return undefined;
    return once(this.child.stdin, 'drain').then(() => undefined);
  }

  async end(): Promise<number | null> {
    this.child.stdin.end();
    return await this.done;
  }
}

/** Counts over a log, made by jq alone. */
export interface Counted {
  /** By `HOUR EVENT REASON`, such as `2026-11-30T12 refused replayed`. */
  readonly hours: Record<string, number>;
  /** By `CLIENT ADDRESS`. */
  readonly visitors: Record<string, { readonly knocks: number; readonly first: string; readonly last: string }>;
}

/** Lines of the log as `[HOUR EVENT REASON, COUNT, CLIENT ADDRESS or null, TIME]`. */
const LINES = `fromjson? | select(.event) | [
  ([.time[0:13], .event, .reason // ""] | join(" ")),
  (.count // 1),
  (if .event == "granted" and .client and .source then .client + " " + .source else null end),
  .time]`;
const HOURS = 'group_by(.[0]) | map({key: .[0][0], value: (map(.[1]) | add)}) | from_entries';
const VISITORS = `map(select(.[2])) | group_by(.[2])
  | map({key: .[0][2], value: {knocks: length, first: .[0][3], last: .[-1][3]}}) | from_entries`;

/** Counts the events in a folder with files of the journal. */
export async function countByJq(folder: string): Promise<Counted> {
  const journal = `journalctl --directory="$1" --output=cat --quiet --no-pager _SYSTEMD_UNIT=knockgate.service`;
  const both = `{hours: (${HOURS}), visitors: (${VISITORS})}`;
  const script = `${journal} | jq -R -c "$2" | jq -s -c "$3"`;
  const child = spawn('bash', ['-o', 'pipefail', '-c', script, 'bash', folder, LINES, both]);
  const { code, stdout, stderr } = await finish(child, { timeout: 900_000 });
  if (code !== 0) throw new Error(`jq: exit ${code}: ${stderr}`);
  return JSON.parse(stdout);
}
