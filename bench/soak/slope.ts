/** A figure at a time, in minutes. */
export interface Point {
  readonly minute: number;
  readonly value: number;
}

/**
 * How fast a figure grows, per hour: the median of the slopes between every two points (Theil and Sen), which one collection of
 * garbage or one replaced process does not move. Undefined for fewer than two points.
 */
export function slopePerHour(points: readonly Point[]): number | undefined {
  const slopes = points.flatMap((from, i) =>
    points.slice(i + 1).map((to) => ((to.value - from.value) / (to.minute - from.minute)) * 60),
  );
  if (slopes.length === 0) return undefined;
  const sorted = slopes.sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return Number.isInteger(middle) ? (at(middle - 1) + at(middle)) / 2 : at(Math.floor(middle));
}
