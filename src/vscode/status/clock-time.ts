/** Time of day, `09:05:31`. It does not depend on the locale, whose data takes 20 ms to load while a window may be waiting. */
export function clockTime(unixMs: number): string {
  const time = new Date(unixMs);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
