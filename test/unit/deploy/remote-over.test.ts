import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Carrier, Ran } from '../../../src/deploy/connection/remote.ts';
import { remoteOver } from '../../../src/deploy/connection/remote-over.ts';
import { problemOf, temporaryFolder } from '../support.ts';

const NOBODY = { secret: async () => undefined, text: async () => undefined, confirm: async () => false };

/** A login whose far side runs each command line as this function says. */
function login(exec: (commandLine: string, stdin: Uint8Array) => Ran) {
  const carrier: Carrier = {
    kind: 'ssh2',
    hostKey: { type: '', fingerprint: '' },
    exec: async (commandLine, stdin) => exec(commandLine, stdin),
    close: async () => {},
  };
  return remoteOver(carrier, NOBODY, 'dev@prod');
}

/** A login shell that reads a file of its own first: bash does for commands over ssh, too. */
function throughShell(program: string, says: string) {
  const file = join(temporaryFolder(), 'rc');
  writeFileSync(file, says);
  return login((commandLine, stdin) => {
    const script = `. ${file}\n${commandLine}`;
    const { status, stdout, stderr } = spawnSync(program, ['-c', script], { input: stdin, encoding: 'utf8' });
    return { code: status, stdout, stderr };
  });
}

describe('a login shell', () => {
  it.each([
    ['is silent', ':'],
    ['greets', 'echo "Welcome to this host"; echo careful >&2'],
    ['greets without a line break', 'printf "Welcome: "; printf "careful: " >&2'],
    ['prints a number that is none of ours', 'echo 0'],
  ])('that %s does not disturb an answer', async (_, says) => {
    for (const shell of ['/bin/sh', '/bin/bash']) {
      const remote = throughShell(shell, says);
      expect(await remote.run(['sh', '-c', 'cat; echo "it\'s $1" >&2; exit 3', 'sh', 'a b'], { stdin: 'in' })).toEqual({
        code: 3,
        stdout: 'in',
        stderr: "it's a b\n",
      });
    }
  });

  it('whose files change PATH and umask changes neither for a command', async () => {
    const says = 'PATH=/usr/bin:/bin; LC_ALL=de_DE.UTF-8; export LC_ALL; umask 077';
    const { stdout } = await throughShell('/bin/sh', says).run(['sh', '-c', 'umask; echo "$PATH $LC_ALL"']);
    expect(stdout).toMatch(/^0?022\n\/usr\/bin:\/bin:\S*\/usr\/sbin:\S*\/sbin\S* C\n$/);
  });

  it('that has no such program says 127', async () => {
    expect((await throughShell('/bin/sh', ':').run(['no-such-program'])).code).toBe(127);
  });
});

describe('an account that does not run our commands', () => {
  it.each([
    ['a menu', () => 'Choose: 1) mail 2) quit\n', /It said: "Choose: 1\) mail/],
    ['a program that repeats its command line', (line: string) => `${line}\n`, /It said: "\/bin\/sh -c/],
    ['a program that repeats what it reads', (_: string, stdin: string) => stdin, /It said: "one two"/],
    ['silence', () => '', /^It said nothing\.$/],
  ])('is reported as such: %s', async (_, says, why) => {
    const remote = login((line, stdin) => ({ code: 0, stdout: says(line, Buffer.from(stdin).toString()), stderr: '' }));
    const problem = await problemOf(() => remote.run(['cat'], { stdin: 'one two' }));
    expect(problem).toMatchObject({ code: 'command-not-run', why: expect.stringMatching(why) });
  });

  it('is not assumed when the connection ended before the answer', async () => {
    const remote = login(() => ({ code: null, stdout: '', stderr: '' }));
    expect((await problemOf(() => remote.run(['true']))).code).toBe('connection-lost');
  });
});
