import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Window } from '../rig/editor/window.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { createPair, type Pair } from '../rig/netns.ts';
import { serveRepositoryPictures } from './repository-pictures.ts';
import { inWebview } from './webview.ts';

/*
 * The repository has no address before it is published: the browser answers for it, from the files here. Everything else is real:
 * the package, the workbench that installs it, its page of an extension with the sanitizer that empties other pictures' sources.
 */
describe('the page of the extension in the editor', () => {
  let pair: Pair;
  let workbench: Workbench;
  let window: Window;
  let asked: readonly string[];

  beforeAll(async () => {
    pair = await createPair({ name: 'extension-page' });
    workbench = await Workbench.start(pair.client, { vsix: [resolve('dist/knockgate.vsix')] });
    asked = await serveRepositoryPictures(workbench);
    window = await workbench.open();
    await window.runCommand('Extensions: Show Installed Extensions');
    await window.page.locator('.extension-list-item', { hasText: 'Knockgate' }).first().click();
  });
  afterAll(async () => {
    await workbench?.close();
    pair?.destroy();
  });

  const page = () => inWebview(window.page);

  it('begins with a picture that shows', async () => {
    const image = page().locator('img').first();
    await image.waitFor();
    const width = await window.eventually('the picture to be there', () =>
      image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth),
    );
    expect(width).toBeGreaterThan(0);
    expect(asked).toEqual(['media/workbench.png']);
    await window.screenshot('.cache/screens/extension-page.png');
  });

  it('has no picture without a source', async () => {
    const sources = await page()
      .locator('img')
      .evaluateAll((images) => images.map((each) => each.getAttribute('src')));
    expect(sources.every((source) => source?.startsWith('https:'))).toBe(true);
  });

  it('shows how a gate works where the picture cannot be loaded', async () => {
    expect(await page().locator('pre').first().textContent()).toContain('no answer, but the port is open');
  });
});
