import { oneLine, printable } from '../../src/base/printable.ts';
import type { AlertEvent, ConfiguredAlert } from '../config/alert-config.ts';
import type { AlertReport, ReportedEntry, ReportedEvent } from './alert-report.ts';

/** Sentences for people: what has happened, and what to look at. */
const MEANING: Readonly<Record<AlertEvent, string>> = {
  'new-address':
    'A client was let in from an address for the first time. If that was not its owner, remove the client.',
  refused: 'A genuine knock was refused. Its source address may be forged: do not block it.',
  'capture-lost': 'The gate does not hear knocks. It tries again by itself; see the journal if it goes on.',
  'firewall-lost': "Something removed or changed the gate's table. The gate puts it back within seconds.",
  'state-degraded': 'Used knocks cannot be noted on disk. Look for a full or read-only disk.',
  clock: 'The clock was set, or a client knocked by a clock that differs by too much.',
  memory: 'The daemon uses more memory than the alert allows.',
  'decoy-visited': 'A stranger connected to a hidden port, and met the decoy.',
  'old-version': 'The installed program is newer than the running daemon: systemctl restart knockgate',
};

/** A report as a program reads it from its standard input. @param gate name of this host */
export function inputFor({ input }: Pick<ConfiguredAlert, 'input'>, report: AlertReport, gate: string): string {
  return input === 'mail'
    ? mailOf(report, gate)
    : `${JSON.stringify({ gate, ...report, text: textOf(report, gate) })}\n`;
}

/** The same in variables, for a program that wants no more. */
export function environmentFor({ alert, events }: AlertReport, gate: string): Record<string, string> {
  return {
    KNOCKGATE_GATE: oneLine(gate, 255),
    KNOCKGATE_ALERT: alert,
    KNOCKGATE_EVENTS: events.map(({ event }) => event).join(' '),
    KNOCKGATE_COUNT: String(countOf(events)),
  };
}

/** A mail for sendmail(8): headers, an empty line, the text. */
function mailOf(report: AlertReport, gate: string): string {
  const headers = [
    `Subject: ${subjectOf(report, gate).replace(/[^ -~]/g, '?')}`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
  return `${headers.join('\n')}\n\n${textOf(report, gate)}\n`;
}

function subjectOf({ events }: AlertReport, gate: string): string {
  return `knockgate on ${oneLine(gate, 255)}: ${events.map(({ event, count }) => `${event} (${count})`).join(', ')}`;
}

function textOf(report: AlertReport, gate: string): string {
  return printable([subjectOf(report, gate), ...report.events.map(partOf)].join('\n\n'));
}

function partOf({ event, count, first, last, entries }: ReportedEvent): string {
  const when = count === 1 ? `once, at ${first}` : `${count} times, from ${first} to ${last}`;
  const more = count - entries.length;
  return [
    `${event}: ${when}`,
    MEANING[event],
    ...entries.map((entry) => `  ${lineOf(entry)}`),
    ...(more > 0 ? [`  and ${more} more: see journalctl -u knockgate`] : []),
  ].join('\n');
}

/** `2026-01-02T03:04:05.678Z granted client=alice source=203.0.113.7` */
function lineOf({ time = '', event = '', ...fields }: ReportedEntry): string {
  return [time, event, ...Object.entries(fields).map(([key, value]) => `${key}=${value}`)].join(' ');
}

function countOf(events: readonly ReportedEvent[]): number {
  return events.reduce((sum, { count }) => sum + count, 0);
}
