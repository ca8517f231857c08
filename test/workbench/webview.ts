import type { FrameLocator, Page } from 'playwright-core';

/** Content of a page of the editor: a preview, the page of an extension, the picture of a walkthrough's step. */
export function inWebview(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}
