import { hammerTogether } from './kernel-opens/together-cases.ts';

/** `single-use-daemon.long.test.ts` has more of it. */
hammerTogether(200, [3]);
