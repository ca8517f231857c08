import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ownConfigPath, sshCommand } from '../../../../src/vscode/ssh/ssh-config-files.ts';
import { sshExtensionSetting } from '../../../../src/vscode/ssh/ssh-extension-settings.ts';
import { installedSshExtension, SSH_EXTENSIONS, sshExtensionFor } from '../../../../src/vscode/ssh/ssh-extensions.ts';
import {
  configuration,
  extensions,
  installSshExtension,
  machineSettings,
  resetEditor,
} from '../../../rig/fake-vscode.ts';

/**
 * Facts about the SSH extension of an editor, recorded by hand from public sources, which each file names: none of
 * these editors was run, and only Open Remote - SSH was ever run with this extension.
 */
interface Recorded {
  readonly editor: string;
  readonly uriScheme: string;
  readonly recordedFrom: string;
  readonly manifest: { readonly publisher: string; readonly name: string };
}

const FOLDER = join(import.meta.dirname, 'manifests');
const RECORDED = readdirSync(FOLDER).map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Recorded);
const COMPUTER = { homeFolder: '/home/a', sshHome: '/home/a', platform: 'linux', env: {} } as const;

function install({ manifest }: Recorded): void {
  extensions.all.push({ id: `${manifest.publisher}.${manifest.name}`, packageJSON: manifest });
}

beforeEach(resetEditor);

/** For each editor: the setting of its SSH extension that names ssh's configuration, and what ssh is then started with. */
const EXPECTED: Readonly<Record<string, { readonly setting: string; readonly options: readonly string[] }>> = {
  antigravity: { setting: 'remote.antigravitySSH.configFile', options: [] },
  cursor: { setting: 'remote.SSH.configFile', options: ['-F', '/work/ssh'] },
  devin: { setting: 'remote.devinSSH.configFile', options: [] },
  positron: { setting: 'remote.SSH.configFile', options: ['-F', '/work/ssh'] },
  vscode: { setting: 'remote.SSH.configFile', options: ['-F', '/work/ssh'] },
  vscodium: { setting: 'remote.SSH.configFile', options: ['-F', '/work/ssh'] },
  windsurf: { setting: 'remote.windsurfSSH.configFile', options: [] },
};

describe.each(RECORDED)('the SSH extension of $editor, as recorded', (recorded) => {
  const { uriScheme, manifest } = recorded;
  const { setting, options } = EXPECTED[uriScheme] ?? { setting: '', options: [] };

  it('is the one that is looked for, and offered where it is missing', () => {
    expect(installedSshExtension()).toBeUndefined();
    install(recorded);
    expect(installedSshExtension()?.id).toBe(`${manifest.publisher}.${manifest.name}`);
    expect(sshExtensionFor(uriScheme).id).toBe(`${manifest.publisher}.${manifest.name}`);
  });

  it('is read in its own section, and nowhere else', () => {
    install(recorded);
    const sections = new Set(SSH_EXTENSIONS.flatMap((each) => each.sections));
    for (const section of sections) configuration.set(`${section}.configFile`, `/other/${section}`);
    configuration.set(setting, '/work/ssh');
    expect(ownConfigPath(COMPUTER)).toBe('/work/ssh');
    expect(sshCommand(COMPUTER)).toEqual(['ssh', ...options]);
  });

  it('takes nothing from the machine settings of a server', () => {
    install(recorded);
    const path = setting.replace('configFile', 'path');
    machineSettings.set(path, '/tmp/evil');
    expect(sshExtensionSetting('path')).toBeUndefined();
    expect(sshCommand(COMPUTER)).toEqual(['ssh']);
  });
});

describe('settings of an SSH extension', () => {
  it('do not count where no extension registered them: the editor takes those from everywhere', () => {
    configuration.set('remote.SSH.path', '/usr/bin/ssh');
    expect(sshExtensionSetting('path')).toBeUndefined();
    installSshExtension();
    expect(sshExtensionSetting('path')).toBe('/usr/bin/ssh');
  });

  it('count in an editor that nobody has heard of, by what its manifest says', () => {
    const properties = { 'remote.SSH.path': { type: 'string', scope: 'machine' } };
    extensions.all.push({
      id: 'a.b',
      packageJSON: {
        activationEvents: ['onResolveRemoteAuthority:ssh-remote'],
        contributes: { configuration: [{ properties: {} }, { properties }] },
      },
    });
    configuration.set('remote.SSH.path', ' /usr/bin/ssh ');
    machineSettings.set('remote.SSH.path', '/tmp/evil');
    expect(sshExtensionSetting('path')).toBe('/usr/bin/ssh');
    expect(sshExtensionFor('unheard-of').id).toBe('jeanp413.open-remote-ssh');
  });

  it.each([undefined, 5, '', ' ', []])('are not set by %j', (value) => {
    installSshExtension();
    configuration.set('remote.SSH.path', value);
    expect(sshExtensionSetting('path')).toBeUndefined();
  });

  it.each([undefined, { contributes: 5 }, { contributes: { configuration: 'x' } }])(
    'are read from a manifest like %j',
    (packageJSON) => {
      extensions.all.push({ id: 'ms-vscode-remote.remote-ssh', packageJSON });
      configuration.set('remote.SSH.path', '/usr/bin/ssh');
      expect(sshExtensionSetting('path')).toBeUndefined();
    },
  );
});
