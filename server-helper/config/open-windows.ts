import { formatPortRange, type PortRange } from '../../src/base/ports.ts';
import { DAYS, type Day, type OpenWindow } from '../firewall/firewall.ts';

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

export const DAY_SECONDS = 86_400;

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
