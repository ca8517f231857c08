import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Theme } from '../rig/editor/workbench.ts';
import { makeSheets } from './contact-sheet.ts';
import { Stage, type StageOptions } from './screens/stage.ts';
import { Tour } from './screens/tour.ts';

/** 1280 by 800 pixels at 200 %, as WCAG 1.4.10 would have it reflow. */
const ZOOMED = { width: 640, height: 400 };

const TOURS: readonly { name: string; theme: Theme; options: StageOptions }[] = [
  { name: 'german-dark', theme: 'dark', options: { language: 'de' } },
  { name: 'german-light', theme: 'light', options: { language: 'de' } },
  { name: 'german-high-contrast', theme: 'high contrast', options: { language: 'de' } },
  { name: 'zoomed-dark', theme: 'dark', options: { screen: ZOOMED } },
  { name: 'zoomed-light', theme: 'light', options: { screen: ZOOMED } },
  { name: 'zoomed-high-contrast', theme: 'high contrast', options: { screen: ZOOMED } },
  { name: 'zoomed-german', theme: 'dark', options: { language: 'de', screen: ZOOMED } },
];

/* The screens in German and at 200 % zoom, to be looked at: .cache/screens/tour-*.png. The rest is in screens.test.ts. */
describe('the screens', () => {
  it.each(TOURS)(
    'can be read: $name',
    async ({ name, theme, options }) => {
      const dir = `.cache/screens/tour-${name}`;
      rmSync(dir, { recursive: true, force: true });
      const stage = await Stage.set('tour', {}, options);
      try {
        await stage.show(theme);
        const tour = new Tour(stage, dir);
        await tour.take();
        await makeSheets([{ title: name, pictures: tour.pictures, out: `${dir}.png` }]);
        // At 200 % a list shortens what does not fit, as every list of the editor does.
        const isZoomed = options.screen !== undefined;
        expect(tour.faults.filter((fault) => !(isZoomed && fault.includes('cut off')))).toEqual([]);
      } finally {
        await stage.strike();
      }
    },
    300_000,
  );
});
