import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { must } from '../rig/process.ts';

const MANIFEST = {
  name: 'remote-ssh',
  displayName: 'Stands in for Remote - SSH',
  publisher: 'ms-vscode-remote',
  version: '0.0.1',
  license: 'MIT',
  engines: { vscode: '^1.100.0' },
  activationEvents: ['onResolveRemoteAuthority:ssh-remote'],
};

/**
 * Packs an extension that goes by the name of Remote - SSH and resolves nothing. Ours names Remote - SSH as its companion,
 * which an editor without a gallery could not install; and it opens no window where nobody says that they would resolve it.
 * @returns the path of the package
 */
export async function packRemoteSsh(dir: string): Promise<string> {
  const source = join(dir, 'remote-ssh');
  const vsix = join(dir, 'remote-ssh.vsix');
  mkdirSync(source);
  writeFileSync(join(source, 'package.json'), JSON.stringify(MANIFEST));
  writeFileSync(join(source, 'README.md'), 'A stand-in for tests.\n');
  const vsce = [process.execPath, resolve('node_modules/@vscode/vsce/vsce'), 'package', '--out', vsix];
  await must([...vsce, '--no-dependencies', '--allow-missing-repository', '--skip-license'], { cwd: source });
  return vsix;
}
