import { badText } from '../base/problem.ts';

const MOST_DAYS = 31;

/**
 * Reads `--days`: as many as a gate keeps counts of.
 * @throws Problem `bad-text`
 */
export function parseDays(text = '1'): number {
  const days = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > MOST_DAYS) throw badText('--days', text, `a whole number from 1 to ${MOST_DAYS}`);
  return days;
}
