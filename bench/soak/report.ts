import type { Table } from '../table.ts';
import { DAEMON, type Sample } from './sample.ts';
import { type Point, slopePerHour } from './slope.ts';
import type { Traffic } from './traffic.ts';

/** A minute that has passed, and what the gate held in it. */
export interface Minute {
  readonly minute: number;
  readonly figures: Sample;
}

/** Minutes: before, processes still take what they then keep. */
const SETTLED_AFTER = 10;
/** A used tag is kept for some 20 minutes: the set of them grows for as long, and then no more. */
const SETS_SETTLED_AFTER = 22;
/** Fewer points say nothing about growth. */
const FEWEST_POINTS = 10;
/**
 * Limits of growth per hour. 20 knocks a second are 72,000 in that time, a reload every minute 60: what each of them
 * leaves behind is far more than how these figures go up and down.
 */
const LIMITS = [
  { prefix: 'kB ', perHour: 1024, unit: 'kB' },
  { prefix: 'set ', perHour: 2000, unit: 'elements' },
  { prefix: 'file ', perHour: 65_536, unit: 'bytes' },
  { prefix: 'descriptors', perHour: 10, unit: 'descriptors' },
] as const;

/** Lines to print for a minute; before the first, the heads of the columns. Memory is in kB. */
export function minuteLines(minute: number, traffic: Readonly<Traffic>, figures: Sample): string[] {
  const { knocks, missed, early, slowestMs } = traffic;
  const sum = (prefix: string) =>
    [...figures].filter(([name]) => name.startsWith(prefix)).reduce((total, [, value]) => total + value, 0);
  const cells: [string, number][] = [
    ['minute', minute],
    ['knocks', knocks],
    ['missed', missed],
    ['open before', early],
    ['slowest ms', slowestMs],
    ...[...figures].filter(([name]) => name.startsWith('kB ')),
    ['elements of sets', sum('set ')],
    ['bytes of files', sum('file ')],
    ['descriptors', sum('descriptors')],
  ];
  const widths = cells.map(([name]) => Math.max(name.length, 8));
  const line = (texts: readonly string[]) => texts.map((text, i) => text.padStart(widths[i] ?? 0)).join('  ');
  const head = minute === 1 ? [line(cells.map(([name]) => name))] : [];
  return [...head, line(cells.map(([, value]) => String(value)))];
}

/** The memory that the daemon keeps when its garbage is collected; pages that the runtime has not given back are part of it. */
export const KEPT = 'daemon keeps';
/** Memory of the daemon's values: a leak shows here first. */
export const VALUES = 'daemon values';
/** Its heap breathes between two collections of garbage, by dozens of megabytes: it is judged by what it keeps. */
const NOT_JUDGED = `kB ${DAEMON}`;

/** How each figure changed: in the first minute, in the last, and per hour. */
export function slopes(seen: readonly Minute[]): Table {
  const names = [...new Set(seen.flatMap(({ figures }) => [...figures.keys()]))];
  const rows = names.map((name) => {
    const points = pointsOf(seen, name);
    const values = points.map(({ value }) => value);
    const settled = settledPoints(seen, name);
    const slope = slopePerHour(settled);
    const perHour = slope === undefined ? '-' : String(Math.round(slope));
    return [
      name,
      String(values[0]),
      String(Math.min(...values)),
      String(Math.max(...values)),
      String(values.at(-1)),
      perHour,
    ];
  });
  return [
    ['', 'first', 'least', 'most', 'last', `per hour after ${SETTLED_AFTER} min, sets ${SETS_SETTLED_AFTER}`],
    ...rows,
  ];
}

/** Lists what went wrong. */
export function judge(seen: readonly Minute[], { missed, early }: Pick<Traffic, 'missed' | 'early'>): string[] {
  const faults: string[] = [];
  if (missed > 0) faults.push(`${missed} knocks were missed`);
  if (early > 0) faults.push(`the port was open before ${early} knocks`);
  const names = [...new Set(seen.flatMap(({ figures }) => [...figures.keys()]))];
  for (const name of names.filter((each) => each !== NOT_JUDGED)) {
    const limit = LIMITS.find(({ prefix }) => name.startsWith(prefix));
    const settled = settledPoints(seen, name);
    const slope = slopePerHour(settled);
    if (limit === undefined || settled.length < FEWEST_POINTS || slope === undefined || slope < limit.perHour) continue;
    const what = limit.unit === 'kB' ? name.slice(limit.prefix.length) : name;
    faults.push(`${what} grows by ${Math.round(slope)} ${limit.unit} an hour`);
  }
  return faults;
}

function pointsOf(seen: readonly Minute[], name: string): Point[] {
  return seen.flatMap(({ minute, figures }) => {
    const value = figures.get(name);
    return value === undefined ? [] : [{ minute, value }];
  });
}

const settledPoints = (seen: readonly Minute[], name: string) =>
  pointsOf(seen, name).filter(({ minute }) => minute > (name.startsWith('set ') ? SETS_SETTLED_AFTER : SETTLED_AFTER));
