import type { FrameLocator, Page } from 'playwright-core';

/** What a page of the editor's own shows: a preview, the page of an extension, the picture of a walkthrough's step. */
export function inWebview(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}
