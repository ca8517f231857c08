import { systemClock } from '../../os/clock.ts';

/** Time at which the code of the extension began to run, by `systemClock.monotonicMs`: this file is imported before all others. */
export const LOADING_SINCE_MS = systemClock.monotonicMs();
