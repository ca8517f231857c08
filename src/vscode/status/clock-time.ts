/** The time of day, `09:05:31`. Not by the locale: its data take 20 ms to load, and a window may be waiting. */
export function clockTime(unixMs: number): string {
  const time = new Date(unixMs);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
