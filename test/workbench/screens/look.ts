import axe, { type AxeResults } from 'axe-core';
import type { Locator, Page } from 'playwright-core';

/** What must hold for everybody to be able to use it; `color-contrast` is WCAG's AA: 4.5 to 1, 3 to 1 for large letters. */
const RULES = [
  'color-contrast',
  'aria-command-name',
  'aria-input-field-name',
  'aria-tooltip-name',
  'aria-valid-attr-value',
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

/** What the editor colours: what matches in a list, links in its settings, its log, steps of a walkthrough that are not open. */
const COLOURED = [
  '.highlight',
  '.settings-editor a',
  '.settings-editor code',
  '.part.panel .view-line',
  '.getting-started-step:not(.expanded)',
];
const WHERE = JSON.stringify({ include: ['[data-looked-at]'], exclude: COLOURED });

/** Looks for what somebody would not be able to read: letters too faint, things without a name, texts that are cut off. */
export async function lookClosely(page: Page, subject: Locator): Promise<string[]> {
  const frame = await subject.elementHandle().then((handle) => handle?.ownerFrame());
  // What is in a frame of its own is laid out by the editor.
  if (frame !== page.mainFrame()) return [];
  await prepare(page);
  await subject.evaluate((element) => element.setAttribute('data-looked-at', ''));
  try {
    const options = JSON.stringify({ runOnly: RULES, resultTypes: ['violations'] });
    const { violations } = await page.evaluate<AxeResults>(`axe.run(${WHERE}, ${options})`);
    const faults = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any, target }) => `${id}: ${target} ${any[0]?.message ?? ''} ${html.slice(0, 160)}`),
    );
    return [...faults, ...(await page.evaluate<string[]>(CUT_OFF))];
  } finally {
    await subject.evaluate((element) => element.removeAttribute('data-looked-at'));
  }
}

/** Once for each page: it is half a megabyte. */
async function prepare(page: Page): Promise<void> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axe.source);
}
