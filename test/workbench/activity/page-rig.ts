import { readFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { type FromPage, readFromPage, type ToPage } from '../../../src/activity-view/messages.ts';
import { activityPage } from '../../../src/activity-view/page-html.ts';
import { type ActivityAnswer, busyAnswer, eventsAnswer } from '../../rig/activity-answer.ts';
import { THEME_COLOURS, type ThemeName } from './theme-colours.ts';

/*
 * The page of the activity view in a browser without the editor: the same program, style and security policy, and a gate whose
 * answers are recorded. The editor's part, which is a fake here, is played by the real one in activity.long.test.ts.
 */

const ADDRESS = 'http://page.invalid';
const EVENTS = 1_000_000;
const NONCE = 'c29tZSBub25jZQ';

export interface PageOptions {
  readonly theme?: ThemeName;
  readonly language?: string;
  readonly texts?: Readonly<Record<string, string>>;
  /** Of the answers; by default a month of history. */
  readonly answer?: ActivityAnswer;
}

export interface OpenPage {
  readonly page: Page;
  /** Messages of the page. */
  readonly asked: FromPage[];
  /** Complaints of the security policy, and errors of the program. */
  readonly faults: string[];
}

/** Opens the page, and waits until it shows the figures. */
export async function openActivityPage(browser: BrowserContext, options: PageOptions = {}): Promise<OpenPage> {
  const { theme = 'dark', language = 'en', texts = {} } = options;
  const now = Date.now();
  const answer = options.answer ?? busyAnswer(now, EVENTS);
  const page = await browser.newPage();
  const asked: FromPage[] = [];
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.route(`${ADDRESS}/**`, (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/')
      return route.fulfill({ contentType: 'text/html', body: activityPage((name) => `/${name}`, language, NONCE) });
    const contentType = pathname.endsWith('.css') ? 'text/css' : 'text/javascript';
    return route.fulfill({ contentType, body: readFileSync(`dist${pathname}`, 'utf8') });
  });
  await page.exposeFunction('toExtension', async (message: unknown) => {
    const read = readFromPage(message);
    asked.push(read);
    for (const reply of repliesTo(read, { language, texts, answer, now })) await post(page, reply);
  });
  await page.addInitScript(`
    globalThis.acquireVsCodeApi = () => ({ postMessage: (message) => { toExtension(message); } });
    const dress = () => {
      for (const [name, value] of Object.entries(${JSON.stringify(THEME_COLOURS[theme])}))
        document.documentElement?.style.setProperty('--vscode-' + name, value);
    };
    document.addEventListener('readystatechange', dress);`);
  await page.goto(`${ADDRESS}/`);
  await page.locator('#events tbody tr').first().waitFor();
  return { page, asked, faults };
}

/** Sends a message to the page, as the editor does. */
export async function post(page: Page, message: ToPage): Promise<void> {
  await page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`);
}

interface Known {
  readonly language: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly answer: ActivityAnswer;
  readonly now: number;
}

function repliesTo(message: FromPage, { language, texts, answer, now }: Known): ToPage[] {
  const activity: ToPage = { type: 'activity', answer, asked: now - 100, answered: now };
  switch (message.type) {
    case 'ready':
      return [{ type: 'start', host: 'prod', language, version: '0.1.0', texts }, activity];
    case 'refresh':
      return [activity];
    case 'events': {
      const from = message.before === null ? 0 : Number.parseInt(message.before.split('i=')[1] ?? '0', 16);
      return [{ type: 'events', request: message.request, answer: eventsAnswer(now, from, 100) }];
    }
    case 'revoke':
      return [{ type: 'done', text: 'done' }, activity];
    case 'export':
      return [];
  }
}
