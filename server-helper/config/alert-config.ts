import { badText } from '../../src/base/problem.ts';
import { parseName } from '../../src/spa/enrolment.ts';
import { userName } from './action-config.ts';
import { TableReader, TomlErrors, type TomlTable } from './toml-table.ts';

/** Events that cause an alert. action/alert-causes.ts says which entries of the audit log are which event. */
export const ALERT_EVENTS = [
  'new-address',
  'refused',
  'capture-lost',
  'firewall-lost',
  'state-degraded',
  'clock',
  'memory',
  'old-version',
  'decoy-visited',
] as const;

export type AlertEvent = (typeof ALERT_EVENTS)[number];

/** Those that an alert without `events` is for: strangers cannot cause them at will. */
const USUAL_EVENTS = ALERT_EVENTS.filter((event) => event !== 'refused' && event !== 'decoy-visited');

/** An `[[alert]]` of gate.toml: a command that runs when something has happened. */
export interface ConfiguredAlert {
  readonly name: string;
  readonly events: readonly AlertEvent[];
  /** The program and its arguments. */
  readonly run: readonly string[];
  readonly user: string;
  /** Form of what the program reads from its standard input. */
  readonly input: 'json' | 'mail';
  /** Seconds from one run to the next, at least. */
  readonly every: number;
  /** Seconds after which a command that still runs is killed. */
  readonly timeout: number;
  /** Megabytes of the daemon above which `memory` happens. */
  readonly memory: number;
}

/** Sound alerts, and what is wrong with the others: `FILE:LINE: what`. */
export interface ReadAlerts {
  readonly alerts: readonly ConfiguredAlert[];
  readonly alertFaults: readonly string[];
}

/** Reads every `[[alert]]`. A faulty one is left out and named: no gate stays closed or open because of an alert. */
export function readAlerts(tables: readonly TomlTable[], file: string): ReadAlerts {
  const alerts: ConfiguredAlert[] = [];
  const alertFaults: string[] = [];
  for (const table of tables) {
    if (table.name !== 'alert') continue;
    const errors = new TomlErrors(file);
    const alert = readAlert(table, errors);
    if (alerts.some(({ name }) => name === alert.name)) errors.add(table.line, `the name ${alert.name} is taken`);
    if (errors.found.length === 0) alerts.push(alert);
    else alertFaults.push(...errors.found);
  }
  return { alerts, alertFaults };
}

function readAlert(table: TomlTable, errors: TomlErrors): ConfiguredAlert {
  const reader = new TableReader(table, errors);
  const alert: ConfiguredAlert = {
    name: reader.text('name', parseName, ''),
    events: reader.texts('events', parseEvent, USUAL_EVENTS),
    run: reader.texts('run', parseWord, []),
    user: reader.text('user', userName, ''),
    input: reader.choice('input', ['json', 'mail'], 'json'),
    every: reader.number('every', 60, 86_400, 60),
    timeout: reader.number('timeout', 1, 300, 30),
    memory: reader.number('memory', 16, 65_536, 256),
  };
  if (!table.isArrayElement) errors.add(table.line, 'write [[alert]]');
  for (const key of ['name', 'user']) if (!reader.has(key)) reader.fail(key, `an [[alert]] needs ${key}`);
  if (!/^\//.test(alert.run[0] ?? '')) reader.fail('run', 'run must begin with the absolute path of a program');
  if (alert.events.length === 0) reader.fail('events', 'events is empty');
  reader.finish();
  return alert;
}

function parseEvent(text: string, field: string): AlertEvent {
  const event = ALERT_EVENTS.find((each) => each === text);
  if (event === undefined) throw badText(field, text, ALERT_EVENTS.join(', '));
  return event;
}

/** Nothing is filled in: what has happened comes by standard input and environment. */
function parseWord(text: string, field: string): string {
  if (text.includes('\0')) throw badText(field, text, 'text without a zero byte');
  return text;
}
