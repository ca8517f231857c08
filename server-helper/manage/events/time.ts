import { badText } from '../../../src/base/problem.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const AGO = /^([0-9]{1,6})([smhd])$/;
const AT =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?)(Z|[+-][0-9]{2}:[0-9]{2})?)?$/;

/**
 * Reads a time: `2026-11-30`, `2026-11-30T14:05` (UTC unless it says otherwise), or how long ago: `90m`.
 * @param now unix milliseconds
 * @returns unix milliseconds
 * @throws Problem `bad-text`
 */
export function parseTime(option: string, text: string, now: number): number {
  const [, count, unit] = AGO.exec(text) ?? [];
  const ago = UNIT_MS[unit ?? ''];
  if (ago !== undefined) return now - Number(count) * ago;
  const [whole, time, zone = 'Z'] = AT.exec(text) ?? [];
  const at = whole === undefined ? Number.NaN : Date.parse(`${whole.slice(0, 10)}T${time ?? '00:00'}${zone}`);
  if (Number.isNaN(at))
    throw badText(option, text, 'a time such as 2026-11-30, 2026-11-30T14:05Z, or 24h for a day ago');
  return at;
}
