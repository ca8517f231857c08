import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/os/clock.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { HookLeader, pipeIn } from '../../../src/ssh/hook/leader.ts';
import { hookServer } from '../../../src/ssh/hook/server.ts';
import { HookFiles } from '../../../src/vscode/ssh-hook/hook-files.ts';
import { bundleHelper } from '../../unit/ssh/hook/hooked.ts';
import { problemOf, temporaryFolder } from '../../unit/support.ts';

let helper = '';
beforeAll(async () => {
  helper = await bundleHelper();
});

let tokens = 0;

/** A window of the editor that answers the hook: the leader at that file. */
function leaderAt(path: string) {
  const knocks: string[] = [];
  const leader = new HookLeader(path, {
    platform: 'win32',
    clock: systemClock,
    newServer: () =>
      hookServer({
        clock: systemClock,
        isConfigured: (alias) => alias === 'prod',
        isOpen: () => false,
        knock: async (alias) => {
          knocks.push(alias);
        },
      }),
    token: () => `${process.pid}-${tokens++}`,
  });
  onTestFinished(() => leader.resign());
  return { leader, knocks };
}

/** The files of the hook of an editor whose extension has that folder, with folders of Windows in a folder of the test's own. */
function hookIn(storageName: string) {
  const folder = temporaryFolder();
  const [storage, local] = [join(folder, storageName), join(folder, 'Local')];
  for (const each of [storage, local]) mkdirSync(each, { recursive: true });
  const program = join(folder, 'ssh-hook.cjs');
  writeFileSync(program, helper);
  const env = { ...process.env, LOCALAPPDATA: local };
  const files = new HookFiles({
    crypto: nodeCrypto,
    storage,
    helper: () => program,
    computer: { homeFolder: folder, sshHome: folder, platform: 'win32', env },
    runtime: process.execPath,
    // Wine's cmd.exe gets the short names of folders wrong.
    shortPath: () => undefined,
  });
  return { files, folder, storage, local, env };
}

/** Runs what the block of a host runs before ssh connects, by the shell that ssh has there. */
async function runBlock(line: string, env: NodeJS.ProcessEnv) {
  const command = /exec "(.+)"$/.exec(line)?.[1] ?? '';
  const child = spawn('cmd.exe', ['/d', '/c', command], { env, windowsVerbatimArguments: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  const [code] = await once(child, 'close');
  return { code, said };
}

describe('the hook of Windows', () => {
  it.each([
    ['the extension’s own folder', 'storage', 'storage'],
    ['%LOCALAPPDATA%, where cmd.exe does not take that', 'a(1) & b', 'Local'],
  ])('has its files in %s, and knocks through its pipe', async (_, storageName, where) => {
    const { files, folder, env } = hookIn(storageName);
    files.writeScript();
    files.writeManaged([{ name: 'prod', mayBeCarried: true }]);
    expect(files.areThere).toBe(true);
    const include = files.includeLine.slice('Include '.length).replaceAll('/', '\\');
    expect(include.startsWith(join(folder, where))).toBe(true);
    const block = readFileSync(include, 'utf8').split('\n')[1] ?? '';
    expect(block).toMatch(/^Match originalhost prod exec ".*\\knock\.cmd ask prod"$/);

    // Nobody listens yet: no program is started.
    expect(await runBlock(block, { ...env, NODE_OPTIONS: '--nonsense' })).toEqual({ code: 1, said: '' });
    const { leader, knocks } = leaderAt(files.socket ?? '');
    await leader.tryToLead();
    expect([await runBlock(block, env), knocks]).toEqual([{ code: 1, said: '' }, ['prod']]);
    leader.resign();
    files.remove();
    expect([files.areThere, existsSync(include)]).toEqual([false, false]);
  });

  it('says what to do where there is no path for it', async () => {
    const { storage } = hookIn('a b');
    const files = new HookFiles({
      crypto: nodeCrypto,
      storage,
      helper: () => 'C:\\ssh-hook.cjs',
      computer: { homeFolder: storage, sshHome: storage, platform: 'win32', env: {} },
      runtime: process.execPath,
      shortPath: () => undefined,
    });
    const problem = await problemOf(() => files.assertPossible());
    expect(problem).toMatchObject({ code: 'ssh-hook-path', next: expect.stringContaining('--user-data-dir') });
    expect([files.areThere, files.socket]).toEqual([false, undefined]);
  });
});

describe('the pipe of the hook', () => {
  it('has a new name each time, which only its file tells, and goes with its window', async () => {
    const path = join(temporaryFolder(), 'own', 'pipe');
    const [first, second] = [leaderAt(path), leaderAt(path)];
    await first.leader.tryToLead();
    const name = pipeIn(path);
    await second.leader.tryToLead();
    expect([first.leader.isLeading, second.leader.isLeading, pipeIn(path)]).toEqual([true, false, name]);
    first.leader.resign();
    expect(existsSync(path)).toBe(false);
    await second.leader.tryToLead();
    expect([second.leader.isLeading, pipeIn(path) === name]).toEqual([true, false]);
  });

  it('is not one that somebody else has made beforehand', async () => {
    const path = join(temporaryFolder(), 'own', 'pipe');
    const { leader } = leaderAt(path);
    await leader.tryToLead();
    const foreign = createServer();
    onTestFinished(() => {
      foreign.close();
    });
    // Windows refuses this (FILE_FLAG_FIRST_PIPE_INSTANCE); Wine lets a second server have the name.
    foreign.on('error', () => {});
    foreign.listen(pipeIn(path));
    leader.resign();
    const next = leaderAt(path);
    await next.leader.tryToLead();
    const socket = connect(pipeIn(path) ?? '', () => socket.write('knock prod\n'));
    expect(String((await once(socket, 'data'))[0])).toBe('done\n');
    expect(next.knocks).toEqual(['prod']);
  });
});
