import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import german from '../../l10n/bundle.l10n.de.json' with { type: 'json' };
import { quietAnswer } from '../rig/activity-answer.ts';
import { startBrowser } from '../rig/editor/browser.ts';
import { Home } from '../rig/editor/home.ts';
import { figure } from '../rig/figure.ts';
import { longestFrame } from './activity/frames.ts';
import { type OpenPage, openActivityPage, type PageOptions, post } from './activity/page-rig.ts';
import { makeSheets } from './contact-sheet.ts';

const PICTURES = '.cache/screens/activity';

/** Cells that leave a part of their row empty, in a page in which each has its own line. */
const SQUEEZED = `[...document.querySelectorAll('.wide-table td')]
  .filter((cell) => cell.offsetParent !== null && cell.clientWidth < cell.parentElement.clientWidth - 1)
  .map((cell) => cell.textContent)`;

/* The page alone, without the editor; scripts/build.mjs makes it. */
describe('the page of the activity view', () => {
  let home: Home;
  let browser: BrowserContext;

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    home = new Home();
    browser = await startBrowser(undefined, home);
  });
  afterAll(async () => {
    await browser?.close();
    home?.delete();
  });

  const pictures: { file: string; caption: string }[] = [];
  async function picture(page: Page, caption: string): Promise<void> {
    const file = join(PICTURES, `page-${pictures.length + 1}.png`);
    await page.screenshot({ path: file, fullPage: true });
    pictures.push({ file, caption });
  }

  /** Opens the page in a window of that size. */
  async function open(width: number, options: PageOptions = {}): Promise<OpenPage> {
    const opened = await openActivityPage(browser, options);
    await opened.page.setViewportSize({ width, height: 800 });
    return opened;
  }

  it.each(['dark', 'light', 'high contrast'] as const)('can be read in the theme %s', async (theme) => {
    const { page, faults } = await open(1100, { theme });
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => `${id}: ${any[0]?.message} ${html}`),
    );
    await picture(page, theme);
    expect([found, faults]).toEqual([[], []]);
    await page.close();
  });

  it.each([
    ['at 300 px', 300, {}],
    ['at 200 % of 1,100 px', 550, {}],
    ['in German at 300 px', 300, { language: 'de', texts: german }],
  ])('has no bar below it %s', async (name, width, options: PageOptions) => {
    const { page, faults } = await open(width, options);
    await page.locator('#over-time details').first().locator('summary').click();
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
    await picture(page, name);
    expect(wide).toBeLessThanOrEqual(width);
    const squeezed = await page.evaluate<string[]>(SQUEEZED);
    expect(squeezed).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('shows a gate to which nothing has happened', async () => {
    const { page, faults } = await open(1100, { answer: quietAnswer(Date.now()) });
    await picture(page, 'nothing has happened');
    expect(await page.locator('#in-now').textContent()).toContain('Nobody is let in at the moment.');
    expect(faults).toEqual([]);
    await page.close();
  });

  it('scrolls without a frame over 50 ms, with a page of the log', async () => {
    const { page } = await open(1100);
    const longest = await longestFrame(page, page);
    figure(
      `the page alone: longest task while scrolling ${longest.wallMs.toFixed(1)} ms, ${longest.cpuMs.toFixed(1)} of the processor`,
    );
    // By the clock, other programs count as well.
    expect(longest.cpuMs).toBeLessThan(50);
    await page.close();
  });

  it('is worked with by the keyboard alone, and says what happens', async () => {
    const { page, asked } = await open(1100);
    const name = () =>
      page.evaluate<string>(
        'document.activeElement.ariaLabel || document.activeElement.textContent || document.activeElement.id',
      );
    const reached: string[] = [];
    for (let i = 0; i < 40; i += 1) {
      await page.keyboard.press('Tab');
      reached.push(await name());
    }
    for (const control of [
      'Refresh',
      'Revoke the grants of 203.0.113.5…',
      'filter-client',
      'Filter',
      'Export…',
      'Older',
    ])
      expect(reached.join('|')).toContain(control);
    await page.locator('#filter-address').fill('nonsense');
    await page.keyboard.press('Enter');
    expect(await page.locator('#filter-fault').textContent()).toContain('nonsense');
    await page.locator('#filter-address').fill('203.0.113.0/24');
    await page.locator('#filter-event').selectOption('refused');
    await page.locator('#filter-address').press('Enter');
    await expect
      .poll(() => asked.at(-1))
      .toMatchObject({
        type: 'events',
        before: null,
        filter: { event: 'refused', client: '', address: '203.0.113.0/24' },
      });
    await page.locator('#events').getByRole('button', { name: 'Older' }).press('Enter');
    await expect.poll(() => page.locator('#events [role=status]').textContent()).toContain('Page 2');
    expect(asked.at(-1)).toMatchObject({ before: expect.stringMatching(/^s=/) });
    await page.locator('#events').getByRole('button', { name: 'Newer' }).press('Enter');
    await expect.poll(() => page.locator('#events [role=status]').textContent()).toContain('Page 1');
    await page.getByRole('button', { name: 'Revoke the grants of 203.0.113.5…' }).press('Enter');
    await expect
      .poll(() => asked.find(({ type }) => type === 'revoke'))
      .toEqual({ type: 'revoke', address: '203.0.113.5' });
    await post(page, { type: 'failed', request: null, text: 'prod: the connection is lost.' });
    await expect.poll(() => page.locator('.news').textContent()).toBe('prod: the connection is lost.');
    await page.close();
  });

  it('counts down, and drops who is no longer let in', async () => {
    const answer = quietAnswer(Date.now());
    answer.grants = [{ client: 'a', address: '192.0.2.1', port: 'tcp/22', seconds: 2 }];
    const { page } = await open(1100, { answer });
    expect(await page.locator('#in-now tbody tr').count()).toBe(1);
    await expect.poll(() => page.locator('#in-now').textContent(), { timeout: 10_000 }).toContain('Nobody is let in');
    await page.close();
  });

  it('shows the words of others as words', async () => {
    const answer = quietAnswer(Date.now());
    const evil = '<img src=x onerror="document.title=1">\u202e';
    answer.grants = [{ client: evil, address: evil, port: evil, seconds: 200 }];
    answer.version = evil;
    const { page, faults } = await open(1100, { answer });
    expect(await page.locator('#in-now td').first().textContent()).toContain(
      '<img src=x onerror="document.title=1">\\u202e',
    );
    expect(await page.locator('img').count()).toBe(0);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('is on sheets', async () => {
    await makeSheets([{ title: 'the page of the activity view', pictures, out: '.cache/screens/activity-page.png' }]);
    expect(pictures).toHaveLength(7);
  });
});
