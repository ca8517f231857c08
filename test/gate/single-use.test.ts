import { hammerTags } from './single-use/cases.ts';

/** `single-use.long.test.ts` has 100,000 of each. */
hammerTags(300);
