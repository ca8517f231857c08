import { describeScreens } from './screens/chapters.ts';

/* In one theme: .cache/screens/all-*.png. The other themes are in screens.long.test.ts. */
describeScreens('.cache/screens/all', ['dark']);
