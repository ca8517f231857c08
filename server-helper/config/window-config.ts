import { covers, formatPortRange, parsePortRange } from '../../src/base/ports.ts';
import { badText } from '../../src/base/problem.ts';
import { DAYS, type Day } from '../firewall/firewall.ts';
import type { GateSettings } from './gate-settings.ts';
import { type ConfiguredWindow, DAY_SECONDS } from './open-windows.ts';
import { TableReader, type TomlErrors, type TomlTable } from './toml-table.ts';

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
