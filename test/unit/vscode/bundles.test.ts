import { join } from 'node:path';
import { expect, it } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { temporaryFolder } from '../support.ts';

/** Source files in the bundle of an entry. */
async function filesIn(entry: string): Promise<string[]> {
  const outfile = join(temporaryFolder(), 'bundle.js');
  const { [outfile]: metafile } = await build({ entries: { [outfile]: entry } });
  return Object.keys(metafile?.inputs ?? {});
}

it('a window that opens does not wait for the code of commands to be read', async () => {
  const [before, after] = [await filesIn('src/vscode/extension.ts'), await filesIn('src/vscode/commands.ts')];
  const isCommand = (path: string) => /^src\/vscode\/(commands|host-kinds)\b/.test(path);
  expect(before).toContain('src/vscode/knock/knocker.ts');
  // It reads which host a command was called with.
  expect(before.filter(isCommand)).toEqual(['src/vscode/commands/named-host.ts']);
  expect(after.filter(isCommand).length).toBeGreaterThan(30);
  // Few windows follow one whose set-up was interrupted.
  expect(before).not.toContain('src/vscode/set-up/interrupted-set-up.ts');
  expect(after).toContain('src/vscode/set-up/interrupted-set-up.ts');
});

it('commands read no firewall command until somebody imports', async () => {
  const [commands, importers] = [await filesIn('src/vscode/commands.ts'), await filesIn('src/client/importers.ts')];
  const readsFirewalls = (path: string) => path.startsWith('src/firewall-commands/');
  expect(commands.filter(readsFirewalls)).toEqual([]);
  expect(importers.filter(readsFirewalls).length).toBeGreaterThan(5);
});
