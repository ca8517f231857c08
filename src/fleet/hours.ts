/** Hours of a rule: days of the week and a part of the day, in UTC. */
export interface Hours {
  /** 0 is Monday. */
  readonly days: readonly number[];
  /** Minutes of the day; `end` is later than `start`, at most 1440. */
  readonly start: number;
  readonly end: number;
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const FORM = /^([a-z]{3})(?:-([a-z]{3}))? ([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])$/;

/** Reads `mon-fri 08:00-18:00` or `sat 00:00-24:00`; undefined when it is something else. */
export function parseHours(text: string): Hours | undefined {
  const found = FORM.exec(text);
  if (found === null) return undefined;
  const [first, last] = [DAYS.indexOf(found[1] ?? ''), DAYS.indexOf(found[2] ?? found[1] ?? '')];
  const minutes = (hour: string | undefined, minute: string | undefined) => Number(hour) * 60 + Number(minute);
  const [start, end] = [minutes(found[3], found[4]), minutes(found[5], found[6])];
  if (first < 0 || last < first || start >= end || end > 1440) return undefined;
  return { days: Array.from({ length: last - first + 1 }, (_, i) => first + i), start, end };
}

/** A span of time in Unix milliseconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The span of these hours that is now, or the next one. Spans that touch are not joined: a grant and its tags end with one, and the
 * next begins at once.
 * @param now Unix milliseconds
 */
export function presentSpan(hours: readonly Hours[], now: number): Span | undefined {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const spans: Span[] = [];
  for (let i = 0; i <= 7; i++) {
    const day = today + i * DAY_MS;
    // 1 January 1970 was a Thursday.
    const weekday = (Math.floor(day / DAY_MS) + 3) % 7;
    for (const { days, start, end } of hours)
      if (days.includes(weekday)) spans.push({ start: day + start * MINUTE_MS, end: day + end * MINUTE_MS });
  }
  const ahead = spans.filter(({ end }) => end > now);
  return ahead.sort((a, b) => a.start - b.start || b.end - a.end)[0];
}
