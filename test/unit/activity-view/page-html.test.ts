import { expect, it } from 'vitest';
import { activityPage } from '../../../src/activity-view/page-html.ts';

it('the page runs our program and has our style, and may load nothing else', () => {
  const html = activityPage((name) => `https://webview/dist/${name}`, 'de', 'NONCE');
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
  expect(policy?.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'nonce-NONCE'",
    "style-src 'nonce-NONCE'",
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(html).toContain('<script nonce="NONCE" src="https://webview/dist/activity.js">');
  expect(html).toContain('<link rel="stylesheet" nonce="NONCE" href="https://webview/dist/activity.css">');
  expect(html).toContain('<html lang="de">');
  expect(html).not.toMatch(/ style=|unsafe-inline| on\w+=/);
});

it('the page has no HTML from a folder or a language', () => {
  const html = activityPage((name) => `/a"><script>/${name}`, '"><b>', 'NONCE');
  expect(html).not.toMatch(/"><(script|b)>/);
});
