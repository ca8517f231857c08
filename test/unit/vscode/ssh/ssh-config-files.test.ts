import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { haveChanged, readSshConfigs, sshAliases } from '../../../../src/vscode/ssh/ssh-config-files.ts';
import { configuration, installSshExtension, resetEditor } from '../../../rig/fake-vscode.ts';
import { temporaryFolder } from '../../client/support.ts';

beforeEach(resetEditor);

/** A home folder with these files; the computer itself has no configuration. */
function home(files: Record<string, string>) {
  const homeFolder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(homeFolder, path, '..'), { recursive: true });
    writeFileSync(join(homeFolder, path), text);
  }
  return {
    homeFolder,
    sshHome: homeFolder,
    platform: 'win32' as const,
    env: { PROGRAMDATA: join(homeFolder, 'programs') },
  };
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

  it('are looked for where ssh looks, whatever HOME says; the SSH extension’s own file is where HOME says', () => {
    const computer = { ...home({ '.ssh/config': 'Host no', 'work/ssh': 'Host work\nInclude ~/more' }), sshHome: '' };
    const account = home({ '.ssh/config': 'Host yes\nInclude ~/more', more: 'Host more' });
    computer.sshHome = account.homeFolder;
    expect(sshAliases(computer)).toEqual(['yes', 'more']);
    installSshExtension();
    configuration.set('remote.SSH.configFile', '~/work/ssh');
    expect(sshAliases(computer)).toEqual(['work', 'more']);
  });

  it('are none where there is nothing', () => {
    expect(sshAliases(home({}))).toEqual([]);
  });
});

describe('SSH configurations that were read', () => {
  /** An hour ago: the clock of a file system may be coarser than a test is fast. */
  const EARLIER = new Date(Date.now() - 3_600_000);
  const FILES = {
    '.ssh/config': 'Include conf.d/*.conf more\nInclude gone\nInclude managed',
    '.ssh/conf.d/a.conf': 'Host a',
    '.ssh/more': 'Host more',
    '.ssh/managed': 'Match exec "ours"',
    'programs/ssh/ssh_config': 'Host everybody',
  };

  /** Reads them, does something in their folder, and tells whether they have changed. */
  function changesAfter(action: (at: (path: string) => string) => void): boolean {
    const computer = home(FILES);
    const at = (path: string) => join(computer.homeFolder, path);
    for (const path of [...Object.keys(FILES), '.ssh/conf.d']) utimesSync(at(path), EARLIER, EARLIER);
    const managed = at('.ssh/managed').replaceAll('\\', '/');
    const configs = readSshConfigs([at('.ssh/config')], computer, managed);
    expect(configs.isConditional).toBe(false);
    action(at);
    return haveChanged(configs);
  }

  it('have not changed when nothing was written, nor when what is left out was', () => {
    expect(changesAfter(() => {})).toBe(false);
    expect(changesAfter((at) => writeFileSync(at('.ssh/managed'), 'Match exec "other"'))).toBe(false);
    expect(changesAfter((at) => writeFileSync(at('.ssh/known_hosts'), 'x'))).toBe(false);
  });

  it.each<[string, (at: (path: string) => string) => void]>([
    ['a file is as long as before', (at) => writeFileSync(at('.ssh/config'), FILES['.ssh/config'].toLowerCase())],
    ['an included file is written', (at) => writeFileSync(at('.ssh/more'), 'Host longer')],
    ['a file is replaced by one of its time and size', replace],
    ['an included file is removed', (at) => rmSync(at('.ssh/more'))],
    ['an included file that was missing is there', (at) => writeFileSync(at('.ssh/gone'), '')],
    ['a file is added to a folder', (at) => writeFileSync(at('.ssh/conf.d/b.conf'), '')],
    ['the configuration of the computer is written', (at) => writeFileSync(at('programs/ssh/ssh_config'), '')],
  ])('have changed when %s', (_, action) => {
    expect(changesAfter(action)).toBe(true);
  });

  function replace(at: (path: string) => string): void {
    writeFileSync(at('new'), 'Host MORE');
    utimesSync(at('new'), EARLIER, EARLIER);
    renameSync(at('new'), at('.ssh/more'));
  }
});
