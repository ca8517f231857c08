import { covers, formatPortRange, type PortRange, parsePortRange } from '../../src/base/ports.ts';
import { badText } from '../../src/base/problem.ts';
import { DAYS, type Day, type OpenWindow } from '../firewall/firewall.ts';
import type { GateSettings } from './gate-settings.ts';
import { TableReader, type TomlErrors, type TomlTable } from './toml-table.ts';

/**
 * An `[[always_open]]` of gate.toml. Times in seconds of the day, UTC; a window that ends before it begins ends the next
 * day.
 */
export interface ConfiguredWindow {
  readonly days: readonly Day[];
  readonly from: number;
  readonly until: number;
  readonly ports: readonly PortRange[];
}

const DAY_SECONDS = 86_400;

/** Reads an `[[always_open]]`; what is wrong with it is added to the errors. */
export function readWindow(table: TomlTable, gate: GateSettings, errors: TomlErrors): ConfiguredWindow {
  const reader = new TableReader(table, errors);
  const window: ConfiguredWindow = {
    days: reader.texts('days', parseDay, DAYS),
    from: reader.text('from', parseTime, 0),
    until: reader.text('until', parseTime, DAY_SECONDS),
    ports: reader.texts('ports', parsePortRange, gate.ports),
  };
  for (const key of ['from', 'until'])
    if (!reader.has(key)) reader.fail(key, `an [[always_open]] needs ${key}: a time of day in UTC, such as "08:00"`);
  if (window.from === window.until) reader.fail('until', 'until is the same as from: nothing would be open');
  if (window.from === DAY_SECONDS) reader.fail('from', 'from should be earlier than "24:00"');
  if (window.days.length === 0) reader.fail('days', 'days is empty: nothing would be open');
  if (window.ports.length === 0) reader.fail('ports', 'ports is empty: nothing would be open');
  for (const port of window.ports) {
    if (!gate.ports.some((hidden) => covers(hidden, port)))
      reader.fail('ports', `${formatPortRange(port)} is not among the ports that the gate hides`);
  }
  reader.finish();
  return window;
}

/** Splits the windows at midnight, as the kernel's rules need them. */
export function windowsOf(configured: readonly ConfiguredWindow[]): OpenWindow[] {
  return configured.flatMap(({ days, from, until, ports }) => {
    if (until > from) return [{ days, from, until, ports }];
    const nextDays = DAYS.filter((_, i) => days.includes(DAYS[(i + 6) % 7] as Day));
    const morning = { days: nextDays, from: 0, until, ports };
    return [{ days, from, until: DAY_SECONDS, ports }, ...(until > 0 ? [morning] : [])];
  });
}

/**
 * Lists the ports that are shown at a time in unix milliseconds, and until when.
 * @returns a text for each window that is open, such as `tcp/22 until 18:30 UTC`
 */
export function shownAt(configured: readonly ConfiguredWindow[], unixMs: number): string[] {
  const now = new Date(unixMs);
  const day = DAYS[(now.getUTCDay() + 6) % 7];
  const time = Math.floor(unixMs / 1000) % DAY_SECONDS;
  const isOpen = (window: OpenWindow) =>
    window.from <= time && time < window.until && window.days.some((d) => d === day);
  return configured
    .filter((window) => windowsOf([window]).some(isOpen))
    .map(({ ports, until }) => `${ports.map(formatPortRange).join(', ')} until ${timeText(until)} UTC`);
}

function timeText(seconds: number): string {
  const text = seconds === DAY_SECONDS ? '24:00:00' : new Date(seconds * 1000).toISOString().slice(11, 19);
  return text.replace(/:00$/, '');
}

function parseDay(text: string, field: string): Day {
  const day = DAYS.find((each) => each === text);
  if (day === undefined) throw badText(field, text, DAYS.join(', '));
  return day;
}

/** `08:00` or `08:00:30`; `24:00` for the end of the day. */
function parseTime(text: string, field: string): number {
  const [, hours, minutes, seconds = '0'] = /^([0-2][0-9]):([0-5][0-9])(?::([0-5][0-9]))?$/.exec(text) ?? [];
  const time = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  if (!(time <= DAY_SECONDS)) throw badText(field, text, 'a time of day in UTC, from "00:00" to "24:00"');
  return time;
}
