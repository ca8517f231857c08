import { describe, expect, it } from 'vitest';
import { atOnce, type InSlices, inSlices } from '../../../server-helper/in-slices.ts';

/** Work of so many milliseconds by a clock of its own, a millisecond at a time. */
function workOf(ms: number) {
  const clock = { now: 0 };
  function* work(): InSlices<string> {
    for (let i = 0; i < ms; i++) {
      clock.now += 1;
      yield;
    }
    return `${ms} ms of work`;
  }
  return { clock, work: work() };
}

describe('work in slices', () => {
  it('lets others work after each two milliseconds', async () => {
    const { clock, work } = workOf(7);
    const pauses: number[] = [];
    const pause = async () => {
      pauses.push(clock.now);
      // What others do meanwhile is not counted as its own.
      clock.now += 100;
    };
    expect(await inSlices(work, () => clock.now, pause)).toBe('7 ms of work');
    expect(pauses).toEqual([2, 104, 206]);
  });

  it('may be done at once', () => {
    expect(atOnce(workOf(7).work)).toBe('7 ms of work');
  });

  it('passes on what it throws', async () => {
    function* failing(): InSlices<never> {
      yield;
      throw new Error('no');
    }
    await expect(
      inSlices(
        failing(),
        () => 0,
        async () => {},
      ),
    ).rejects.toThrow('no');
    expect(() => atOnce(failing())).toThrow('no');
  });
});
