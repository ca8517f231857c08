import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../src/cli/deployment.ts';
import { offerSshEntry } from '../../../src/cli/offer-ssh-entry.ts';
import { Terminal } from '../../../src/cli/terminal.ts';
import { CLIENT } from '../../../src/command-table/client/program.ts';
import { DEPLOY } from '../../../src/command-table/client/servers.ts';
import { readArguments } from '../../../src/command-table/read-line.ts';
import { FakeClock, temporaryFolder } from '../client/support.ts';
import { collectingShell, gateLine } from './support.ts';

let home: string;
beforeEach(() => {
  home = temporaryFolder();
  mkdirSync(join(home, '.config/knockgate'), { recursive: true });
  writeFileSync(join(home, '.config/knockgate/hosts.toml'), `[prod]\ngate = "${gateLine()}"\nsshPort = 2222\n`);
});

/** Offers it for `deploy prod` with these options and this input. Returns what was said, and what ssh was called with. */
async function offer(options: readonly string[], input: string, exit = 0, destination = 'dev@prod') {
  const calls: (readonly string[])[] = [];
  const { shell, said } = collectingShell(home, new FakeClock(), {
    openStdin: () => Readable.from(input === '' ? [] : [input]),
    runProgram: async (_, args) => {
      calls.push(args);
      return exit;
    },
  });
  const session = { host: 'prod', destination } as Session;
  const args = readArguments(CLIENT, DEPLOY, ['prod', ...options]);
  await offerSshEntry(session, args, shell, Terminal.of(shell));
  return { err: said().err, calls };
}

const config = () => readFileSync(join(home, '.ssh/config'), 'utf8');

describe('the end of a deployment', () => {
  it('shows the lines, writes them when asked, and tries plain ssh', async () => {
    const { err, calls } = await offer([], 'yes\n');
    expect(err).toContain('    ProxyCommand ');
    expect(err).toContain('ssh dev@prod works, and knocks by itself.');
    expect(calls).toEqual([['dev@prod', 'true']]);
    expect(config()).toMatch(
      /^# >>> knockgate prod >>>\nHost prod\n {2}Port 2222\n {2}ProxyCommand .* connect prod %p\n/,
    );
  });

  it('writes them without a question for a script, into the file of --ssh-config', async () => {
    const file = join(home, 'ssh.conf');
    const { calls } = await offer(['--yes', '--write-ssh-config', '--ssh-config', file], '');
    expect(calls).toEqual([['-F', file, 'dev@prod', 'true']]);
    expect(readFileSync(file, 'utf8')).toContain('Host prod\n');
  });

  it.each([
    ['no', [], 'no\n'],
    ['nobody to ask', [], ''],
    ['--yes', ['--yes'], 'yes\n'],
  ])('writes nothing after %s, and says how', async (_, options, input) => {
    const { err, calls } = await offer(options, input);
    expect(calls).toEqual([]);
    expect(existsSync(join(home, '.ssh/config'))).toBe(false);
    expect(err).toContain('knockgate ssh-config prod --write');
  });

  it('says when plain ssh does not work', async () => {
    const { err } = await offer([], 'yes\n', 255);
    expect(err).toContain('does not work yet: it ended with 255. Try: knockgate diagnose prod');
    expect(config()).toContain('Host prod\n');
  });

  it('does not try a name that ssh may not know', async () => {
    const { err, calls } = await offer([], 'yes\n', 0, '203.0.113.7');
    expect(calls).toEqual([]);
    expect(err).toContain('Try: ssh prod');
  });
});
