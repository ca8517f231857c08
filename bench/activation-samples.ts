/** Figures of one window about its start: what was measured, and its milliseconds. */
export type Sample = ReadonlyMap<string, number>;

const BEGINS = 'timings of this window:';

/** Reads what "Knockgate: Show Timings" wrote into a log, all the times that it did. */
export function samplesIn(log: string): Sample[] {
  const reports = log.split(BEGINS).slice(1);
  return reports.map((report) => new Map([...steps(report), ...sums(report)]));
}

/** `    12.3 ms  +4.5 ms  loaded`: each moment, after the one before. */
function steps(report: string): [string, number][] {
  const lines = [...report.matchAll(/^ *[\d.]+ ms {2}\+([\d.]+) ms {2}(.+)$/gm)];
  return lines.map(([, ms, moment]) => [`to: ${moment}`, Number(ms)]);
}

/** `loading the code: 12.3 ms` */
function sums(report: string): [string, number][] {
  return [...report.matchAll(/^ *([a-z][^\n]*): ([\d.]+) ms$/gm)].map(([, what = '', ms]) => [what, Number(ms)]);
}

/** The middle of each measure over all windows, with the extremes. */
export function medians(samples: readonly Sample[]): { what: string; median: number; least: number; most: number }[] {
  const names = [...new Set(samples.flatMap((sample) => [...sample.keys()]))];
  return names.map((what) => {
    const values = samples.flatMap((sample) => sample.get(what) ?? []).sort((a, b) => a - b);
    const [least = Number.NaN] = values;
    return { what, median: values[values.length >> 1] ?? Number.NaN, least, most: values.at(-1) ?? Number.NaN };
  });
}
