import { lstatSync } from 'node:fs';
import { fieldsOf, listOfFields, numberOrZero } from '../../src/base/loose-json.ts';
import { replaceFile } from '../own-file.ts';
import { fileUnwritable } from '../problems.ts';

type Labels = Readonly<Record<string, string>>;

/** A sample of a metric. */
interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/**
 * Metrics of the gate in the text format of Prometheus (exposition formats, "Text-based format", version 0.0.4). Not OpenMetrics: the
 * textfile collector of node_exporter and `promtool check metrics` do not read that.
 * @param answer the daemon's answer to `activity`; undefined when no daemon runs
 */
export function metricsOf(answer: unknown): string {
  if (answer === undefined) return family('up', 'gauge', 'Whether the daemon answers.', [{ value: 0 }]);
  const { version, memory, status, totals } = fieldsOf(answer);
  const { armed, trial, capture, state, restored, clients, grants, lead_seconds, kernel, skipped } = fieldsOf(status);
  const gauge = (name: string, help: string, value: unknown) =>
    family(name, 'gauge', help, [{ value: numberOrZero(value) }]);
  return [
    gauge('up', 'Whether the daemon answers.', 1),
    family('info', 'gauge', 'The version of the daemon.', [{ labels: { version: String(version) }, value: 1 }]),
    gauge('armed', 'Whether the ports are hidden.', armed === null ? 0 : 1),
    gauge('trial', 'Whether the gate is on trial.', trial === null ? 0 : 1),
    gauge('capturing', 'Whether knocks are heard.', capture === 'listening' ? 1 : 0),
    gauge('replay_record_durable', 'Whether used knocks are noted on disk.', state === 'durable' ? 1 : 0),
    gauge('skipped_parts', 'Parts of the configuration that are skipped.', Array.isArray(skipped) ? skipped.length : 0),
    gauge('clients', 'Clients that may knock.', clients),
    gauge('grants', 'Live grants.', grants),
    gauge('lead_seconds', 'Seconds for which known clients get in without a daemon.', lead_seconds),
    gauge('resident_memory_bytes', 'Memory of the daemon.', memory),
    family('table_restored_total', 'counter', 'How often a lost table was put back since the start.', [
      { value: numberOrZero(restored) },
    ]),
    family('events_total', 'counter', 'Entries of the audit log by event and reason.', eventSamples(totals)),
    family(
      'kernel_packets_total',
      'counter',
      'Packets that the rules of the kernel have counted since the table was made.',
      Object.entries(fieldsOf(kernel)).map(([counter, value]) => ({ labels: { counter }, value: numberOrZero(value) })),
    ),
  ].join('');
}

/**
 * Writes metrics where the textfile collector reads them, which runs as another user.
 * @throws Problem `file-unwritable`
 */
export function writeMetrics(path: string, metrics: string): void {
  try {
    // As root it would take the place of a device, or of a link.
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) throw new Error('it is not a file');
    replaceFile(path, metrics, 0o644);
  } catch (error) {
    throw fileUnwritable(path, error);
  }
}

/** `granted` and `refused` are there from the start: a rate needs a first value. */
function eventSamples(totals: unknown): Sample[] {
  const samples = listOfFields(totals).map(({ event, reason, count }) => ({
    labels: { event: String(event), reason: typeof reason === 'string' ? reason : '' },
    value: numberOrZero(count),
  }));
  const missing = ['granted', 'refused'].filter((event) => !samples.some(({ labels }) => labels.event === event));
  return [...samples, ...missing.map((event) => ({ labels: { event, reason: '' }, value: 0 }))];
}

function family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const full = `knockgate_${name}`;
  const lines = samples.map(({ labels, value }) => `${full}${labelsOf(labels)} ${value}\n`);
  return lines.length === 0 ? '' : `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`;
}

function labelsOf(labels: Labels | undefined): string {
  if (labels === undefined) return '';
  const escaped = (text: string) => text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;
}
