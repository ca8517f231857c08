import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sshAliases } from '../../../src/vscode/ssh-config-files.ts';
import { temporaryFolder } from '../client/support.ts';
import { configuration, installSshExtension, resetEditor } from './fake-vscode.ts';

beforeEach(resetEditor);

/** A home folder with these files; the computer itself has no configuration. */
function home(files: Record<string, string>) {
  const homeFolder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(homeFolder, path, '..'), { recursive: true });
    writeFileSync(join(homeFolder, path), text);
  }
  return { homeFolder, platform: 'win32' as const, env: { PROGRAMDATA: join(homeFolder, 'programs') } };
}

describe('the hosts that can be picked', () => {
  it('are those of the SSH configuration with what it includes, the computer’s last, none twice', () => {
    const computer = home({
      '.ssh/config': 'Include conf.d/*.conf ~/more\nHost prod\nHost *',
      '.ssh/conf.d/b.conf': 'Host b',
      '.ssh/conf.d/a.conf': 'Host a',
      '.ssh/conf.d/c.txt': 'Host c',
      more: 'Host more',
      'programs/ssh/ssh_config': 'Host prod everybody',
    });
    expect(sshAliases(computer)).toEqual(['a', 'b', 'more', 'prod', 'everybody']);
  });

  it('are those of the file that the SSH extension is told to use', () => {
    const computer = home({ '.ssh/config': 'Host no', '.ssh/inc': 'Host inc', 'work/ssh': 'Host yes\nInclude inc' });
    installSshExtension();
    configuration.set('remote.SSH.configFile', '~/work/ssh');
    expect(sshAliases(computer)).toEqual(['yes', 'inc']);
    configuration.set('remote.SSH.configFile', join(computer.homeFolder, 'work/ssh'));
    expect(sshAliases(computer)).toEqual(['yes', 'inc']);
  });

  it('are none where there is nothing', () => {
    expect(sshAliases(home({}))).toEqual([]);
  });
});
