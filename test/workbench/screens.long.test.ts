import { describeScreens } from './screens/chapters.ts';

/* In the themes that screens.test.ts leaves out: .cache/screens/themes-*.png. */
describeScreens('.cache/screens/themes', ['light', 'high contrast']);
