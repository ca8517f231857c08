import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parallelOf, wantedHosts } from '../../../../src/cli/many/wanted-hosts.ts';
import { hostsPath } from '../../../../src/cli/paths.ts';
import type { Shell } from '../../../../src/cli/shell.ts';
import { CLIENT } from '../../../../src/command-table/client/program.ts';
import { UPGRADE } from '../../../../src/command-table/client/servers.ts';
import { readArguments } from '../../../../src/command-table/read-line.ts';
import { FakeClock, problemOf, temporaryFolder } from '../../client/support.ts';
import { collectingShell, gateLine } from '../support.ts';

let home: string;
let shell: Shell;
beforeEach(() => {
  home = temporaryFolder();
  ({ shell } = collectingShell(home, new FakeClock()));
});

function wanted(...line: string[]) {
  const args = readArguments(CLIENT, UPGRADE, line);
  return wantedHosts('upgrade', args.positionals[0], args, shell);
}

function fileOf(text: string): string {
  const path = join(home, 'hosts.txt');
  writeFileSync(path, text);
  return path;
}

function write(...names: string[]): void {
  const path = hostsPath(shell);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, names.map((name) => `[${name}]\ngate = "${gateLine(name)}"\n`).join('\n'));
}

describe('the hosts that a command is for', () => {
  it.each([
    ['one', 'prod', ['prod'], true],
    ['several', 'web1,dev@web2, web3', ['web1', 'dev@web2', 'web3'], false],
  ])('are named: %s', (_, named, names, single) => {
    expect(wanted(named)).toEqual({ names, single });
  });

  it('are in a file, with comments', () => {
    const file = fileOf('# ours\nweb1\n\ndev@web2   # the second\r\nweb#3\n');
    expect(wanted('--hosts', file)).toEqual({ names: ['web1', 'dev@web2', 'web#3'], single: false });
  });

  it('are all gates of the hosts file', () => {
    write('web1', 'web2');
    expect(wanted('--all').names).toEqual(['web1', 'web2']);
  });

  it.each([
    ['none', [], 'HOST is missing'],
    ['in two ways', ['prod', '--all'], 'too many arguments'],
    ['by both options', ['--all', '--hosts', 'hosts.txt'], 'more than one way'],
    ['an empty name', ['web1,,web2'], 'empty name'],
    ['one name two times', ['web1,web2,web1'], '"web1" occurs twice'],
    ['all, and there is none', ['--all'], 'There is no gate'],
  ])('are refused: %s', async (_, line, what) => {
    expect(await problemOf(() => wanted(...line))).toMatchObject({ exit: 2, what: expect.stringContaining(what) });
  });

  it.each([
    ['two in a line', 'web1 web2\n', 'is not one host'],
    ['a comma', 'web1,web2\n', 'is not one host'],
    ['nothing but a comment', '# web1\n', 'there is no host'],
  ])('are refused from a file with %s', async (_, text, what) => {
    const file = fileOf(text);
    expect(await problemOf(() => wanted('--hosts', file))).toMatchObject({
      exit: 2,
      what: expect.stringContaining(what),
    });
  });
});

describe('the number of hosts at the same time', () => {
  const parallel = (...line: string[]) => parallelOf(readArguments(CLIENT, UPGRADE, ['web1', ...line]));

  it('is 8 by default, and what is asked for', () => {
    expect([parallel(), parallel('--parallel', '1'), parallel('--parallel', '64')]).toEqual([8, 1, 64]);
  });

  it.each(['0', '65', '-1', 'all', '1.5'])('is not %s', async (text) => {
    expect((await problemOf(() => parallel(`--parallel=${text}`))).exit).toBe(2);
  });
});
