import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellFor } from '../../../src/deploy/connection/ssh2/way.ts';

describe('the shell for a ProxyCommand', () => {
  it('is told the line with the quotes that are in it, on Windows inside quotes of its own', () => {
    const place = { platform: 'win32', env: { SystemRoot: 'C:\\WINDOWS' } } as const;
    expect(shellFor('"C:\\Program Files\\x.exe" prod', place)).toEqual({
      file: 'C:\\WINDOWS\\System32\\cmd.exe',
      args: ['/d', '/s', '/c', '""C:\\Program Files\\x.exe" prod"'],
      verbatim: true,
    });
  });

  it('runs a program whose path is quoted, with arguments that are', () => {
    const line = `"${process.execPath}" -p "process.argv.slice(1)" "a b" c`;
    const { file, args, verbatim } = shellFor(line, { platform: process.platform, env: process.env });
    const { stdout } = spawnSync(file, args, { encoding: 'utf8', windowsVerbatimArguments: verbatim });
    expect(stdout.trim()).toBe("[ 'a b', 'c' ]");
  });
});
