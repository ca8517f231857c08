import { workspace } from 'vscode';
import { fieldsOf } from '../../base/loose-json.ts';
import { type InstalledSshExtension, installedSshExtension } from './ssh-extensions.ts';

/**
 * Settings of the editor's SSH extension: its configuration file for ssh, and the ssh program. Only what the
 * person wrote on this computer counts: neither a workspace nor a server's machine settings may choose which program
 * runs here.
 * @returns undefined for what is not set
 */
export function sshExtensionSetting(name: 'configFile' | 'path'): string | undefined {
  const installed = installedSshExtension();
  return installed && settingOf(installed, name);
}

/** File that the SSH extension gives to ssh: `ssh -F`. */
export function sshConfigFileSetting(): string | undefined {
  const installed = installedSshExtension();
  return installed?.sshReadsConfigFile ? settingOf(installed, 'configFile') : undefined;
}

function settingOf({ extension, sections }: InstalledSshExtension, name: string): string | undefined {
  for (const section of sections) {
    const scope = registeredScope(extension.packageJSON, `${section}.${name}`);
    const value = scope === undefined ? undefined : localValue(section, name, scope);
    if (value !== undefined) return value;
  }
  return undefined;
}

/**
 * Scope of a setting, as the extension's manifest registers it; undefined when it does not. The editor takes a setting that nobody
 * has registered from everywhere, the machine settings of a server included.
 */
function registeredScope(manifest: unknown, setting: string): string | undefined {
  const { configuration } = fieldsOf(fieldsOf(manifest).contributes);
  for (const part of Array.isArray(configuration) ? configuration : [configuration]) {
    const found = fieldsOf(fieldsOf(part).properties)[setting];
    // This is the editor's own default.
    if (found !== undefined) return String(fieldsOf(found).scope ?? 'window');
  }
  return undefined;
}

/**
 * The user's own value. `globalValue` has the server's machine settings mixed in, unless the scope is `application`;
 * the user's part alone is in `globalLocalValue`, which the editor gives without declaring it in its API.
 */
function localValue(section: string, name: string, scope: string): string | undefined {
  const inspected = fieldsOf(workspace.getConfiguration(section).inspect(name));
  const value = scope === 'application' ? inspected.globalValue : inspected.globalLocalValue;
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
