import { systemClock } from '../../os/clock.ts';

/** When the code of the extension began to run, by the clock of `systemClock.monotonicMs`: imported before all else. */
export const LOADING_SINCE_MS = systemClock.monotonicMs();
