import axe, { type AxeResults } from 'axe-core';
import type { Locator, Page } from 'playwright-core';

/**
 * Rules of accessibility; `color-contrast` is WCAG's AA: 4.5 to 1, 3 to 1 for large letters. Which elements
 * refer to which is the editor's: nothing of ours has such attributes.
 */
const RULES = [
  'color-contrast',
  'aria-command-name',
  'aria-input-field-name',
  'aria-tooltip-name',
  'button-name',
  'image-alt',
  'input-button-name',
  'label',
  'link-name',
  'role-img-alt',
  'svg-img-alt',
];

/** Letters that do not fit, and end in three dots. */
const CUT_OFF = `[...document.querySelectorAll('[data-looked-at], [data-looked-at] *')]
  .filter((each) => getComputedStyle(each).textOverflow === 'ellipsis' && each.scrollWidth > each.clientWidth + 1 && each.textContent)
  .map((each) => 'cut off: ' + each.textContent)`;

/** Elements that the editor colours: matches in a list, its settings, log, walkthrough and extension page, the source of a notification. */
const COLOURED = [
  '.highlight',
  '.settings-editor a',
  '.settings-editor code',
  '.part.panel .view-line',
  '.getting-started-step:not(.expanded)',
  '.getting-started-step .shortcut-message',
  '.extension-editor .preview',
  '.notification-list-item-source',
];
const WHERE = JSON.stringify({ include: ['[data-looked-at]'], exclude: COLOURED });

/** How often a fault is looked at again before it counts, and after how long. */
const LOOKS = 10;
const AGAIN_AFTER_MS = 600;

/**
 * Looks for what somebody would not be able to read: letters too faint, things without a name, texts that are cut off. Returns what
 * stays wrong: a busy machine takes its time from one question to the next.
 * @param bringBack waits for the subject when it has gone meanwhile, as a tooltip may
 */
export async function lookClosely(page: Page, subject: Locator, bringBack: () => Promise<void>): Promise<string[]> {
  let faults: string[] | undefined;
  for (let look = 0; look < LOOKS; look++) {
    faults = await lookOnce(page, subject);
    if (faults?.length === 0) break;
    await page.waitForTimeout(AGAIN_AFTER_MS);
    await bringBack();
  }
  return faults ?? ['is gone whenever it is looked at'];
}

/** undefined when it has gone. */
async function lookOnce(page: Page, subject: Locator): Promise<string[] | undefined> {
  const element = await subject.elementHandle({ timeout: AGAIN_AFTER_MS }).catch(gone);
  if (!element) return undefined;
  const frame = await element.ownerFrame().catch(gone);
  if (frame === undefined) return undefined;
  // What is in a frame of its own is laid out by the editor.
  if (frame !== page.mainFrame()) return [];
  await prepare(page);
  await element.evaluate((each) => each.setAttribute('data-looked-at', ''));
  try {
    const options = JSON.stringify({ runOnly: RULES, resultTypes: ['violations'] });
    const results = await page.evaluate<AxeResults | false>(`${IS_THERE} && axe.run(${WHERE}, ${options})`);
    if (!results) return undefined;
    const faults = results.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any, target }) => `${id}: ${target} ${any[0]?.message ?? ''} ${html.slice(0, 160)}`),
    );
    return [...faults, ...(await page.evaluate<string[]>(CUT_OFF))];
  } finally {
    await element.evaluate((each) => each.removeAttribute('data-looked-at'));
  }
}

const IS_THERE = `document.querySelector('[data-looked-at]') !== null`;
const gone = () => undefined;

/** Once for each page: it is half a megabyte. */
async function prepare(page: Page): Promise<void> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axe.source);
}
