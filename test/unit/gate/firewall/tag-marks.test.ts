import { describe, expect, it } from 'vitest';
import {
  boundMark,
  daemonOnly,
  formatMark,
  isDaemonOnly,
  MOST_PLACES,
  MOST_PROFILES,
  PROFILE_BITS,
} from '../../../../server-helper/firewall/tag-marks.ts';

describe('the mark of a bound tag', () => {
  it('holds place and profile up to their greatest, in 31 bits', () => {
    expect(formatMark(boundMark(0, 1))).toBe('0x40000001');
    expect(formatMark(boundMark(5, 2))).toBe('0x40005002');
    expect(formatMark(boundMark(MOST_PLACES - 1, PROFILE_BITS))).toBe('0x7fffffff');
    expect(isDaemonOnly(boundMark(MOST_PLACES - 1, PROFILE_BITS))).toBe(false);
    expect(MOST_PROFILES).toBeLessThanOrEqual(PROFILE_BITS);
  });

  it('is another for the daemon alone, by its highest bit, and stays so', () => {
    const mark = daemonOnly(boundMark(5, 2));
    expect(formatMark(mark)).toBe('0xc0005002');
    expect(isDaemonOnly(mark)).toBe(true);
    expect(daemonOnly(mark)).toBe(mark);
    expect(formatMark(daemonOnly(0))).toBe('0x80000000');
  });
});
