import { workspace } from 'vscode';

/**
 * What Remote - SSH is told of ssh: the file that is its configuration, and the program. Only what the user's own
 * settings say: where that extension is missing nobody keeps a workspace from setting these, and a workspace must not
 * choose which program runs.
 * @returns undefined for what is not set
 */
export function remoteSshSetting(name: 'configFile' | 'path'): string | undefined {
  const value: unknown = workspace.getConfiguration('remote.SSH').inspect(name)?.globalValue;
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
