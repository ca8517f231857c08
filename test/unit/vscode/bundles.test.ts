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

it('a window that opens does not wait for the code of commands to be read', async () => {
  const [before, after] = [await filesIn('src/vscode/extension.ts'), await filesIn('src/vscode/commands.ts')];
  const isCommand = (path: string) => /^src\/vscode\/(commands|host-kinds)\b/.test(path);
  expect(before).toContain('src/vscode/knock/knocker.ts');
  // It reads which host a command was called with.
  expect(before.filter(isCommand)).toEqual(['src/vscode/commands/named-host.ts']);
  expect(after.filter(isCommand).length).toBeGreaterThan(30);
});
