import { join } from 'node:path';
import { expect, it } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { temporaryFolder } from '../support.ts';

/** The source files of a bundle, of the folder of the extension. */
async function filesIn(entry: string): Promise<string[]> {
  const outfile = join(temporaryFolder(), 'bundle.js');
  const { [outfile]: metafile } = await build({ entries: { [outfile]: entry } });
  return Object.keys(metafile?.inputs ?? {}).filter((path) => path.startsWith('src/vscode/'));
}

it('a window that is about to connect loads no command and no view before its packet', async () => {
  const [before, after] = [await filesIn('src/vscode/extension.ts'), await filesIn('src/vscode/show-up.ts')];
  const isShown = (path: string) => /^src\/vscode\/(commands|hosts-view|host-kinds)\b/.test(path);
  expect(before).toContain('src/vscode/knocker.ts');
  expect(before.filter(isShown)).toEqual([]);
  expect(after.filter(isShown).length).toBeGreaterThan(30);
});
