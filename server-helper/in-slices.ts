/** Long work that yields wherever other work may go on. */
export type InSlices<Result> = Generator<undefined, Result, undefined>;

/** Milliseconds of work after which others get their turn: a knock that comes meanwhile waits no longer. */
const SLICE = 2;

/** Does the work without a pause. */
export function atOnce<Result>(work: InSlices<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/**
 * Does the work with pauses.
 * @param steady milliseconds that never jump
 */
export async function inSlices<Result>(
  work: InSlices<Result>,
  steady: () => number,
  pause: () => Promise<void>,
): Promise<Result> {
  let since = steady();
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (steady() - since < SLICE) continue;
    await pause();
    since = steady();
  }
}
