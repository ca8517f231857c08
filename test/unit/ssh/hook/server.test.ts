import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/os/clock.ts';
import { Allowance } from '../../../../src/ssh/hook/allowance.ts';
import { HookLeader, pipeIn } from '../../../../src/ssh/hook/leader.ts';
import { hookServer } from '../../../../src/ssh/hook/server.ts';
import { expectMode, socketIn, temporaryFolder } from '../../client/support.ts';

/** Sends a text to a socket. @returns everything that it answers until it closes */
function ask(path: string, question: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(path, () => socket.write(question));
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
  });
}

/** A server whose knocks end when the test says so, and whose time limit is zero or infinite. */
function service(changes: { isOpen?: boolean; isPatient?: boolean } = {}) {
  const knocks: string[] = [];
  const bounds: number[] = [];
  const open: (() => void)[] = [];
  const server = hookServer({
    clock: {
      ...systemClock,
      sleep: (ms) => {
        bounds.push(ms);
        return changes.isPatient ? new Promise(() => {}) : Promise.resolve();
      },
    },
    isConfigured: (alias) => alias.startsWith('prod'),
    isOpen: () => changes.isOpen ?? false,
    knock: (alias, port) => {
      knocks.push(port === undefined ? alias : `${alias} ${port}`);
      return new Promise((resolve) => open.push(resolve));
    },
  });
  onTestFinished(() => {
    server.close();
  });
  return { server, knocks, bounds, open: () => open.splice(0).map((each) => each()) };
}

async function listening(changes: { isOpen?: boolean; isPatient?: boolean } = {}) {
  const path = socketIn(temporaryFolder());
  const parts = service(changes);
  await new Promise<void>((resolve) => parts.server.listen(path, resolve));
  return { path, ...parts };
}

describe('the private socket', () => {
  it('knocks, and answers when the port is open', async () => {
    const { path, knocks, open } = await listening({ isPatient: true });
    const answer = ask(path, 'knock prod\n');
    await expect.poll(() => knocks, { interval: 2 }).toEqual(['prod']);
    open();
    expect(await answer).toBe('done\n');
  });

  it('answers within its bound when nothing opens, and asks for no second knock meanwhile', async () => {
    const { path, knocks, bounds } = await listening();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => ask(path, 'knock prod\n')));
    expect(bounds).toEqual([120, 120, 120, 120, 120]);
    expect(new Set(answers)).toEqual(new Set(['done\n']));
    expect(knocks).toEqual(['prod']);
  });

  it('waits for longer, and for the port, when the asker connects by itself', async () => {
    const { path, knocks, bounds, open } = await listening({ isPatient: true });
    const answer = ask(path, 'open prod 2222\n');
    await expect.poll(() => knocks, { interval: 2 }).toEqual(['prod 2222']);
    // Longer than the server waits for a request.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    open();
    expect(await answer).toBe('done\n');
    expect(bounds).toEqual([4500]);
  });

  it.each([
    'knock other\n',
    'open prod\n',
    'open prod 0\n',
    'open prod 65536\n',
    'knock prod 22\n',
    'knock %n\n',
    'knock prod extra\n',
    'list\n',
    '\n',
    'knock ../prod\n',
    'x'.repeat(5000),
  ])('says the same to %j, and knocks at nothing', async (question) => {
    const { path, knocks } = await listening();
    expect(await ask(path, question)).toBe('done\n');
    expect(knocks).toEqual([]);
  });

  it('does not knock when the port is open', async () => {
    const { path, knocks } = await listening({ isOpen: true });
    expect(await ask(path, 'knock prod\n')).toBe('done\n');
    expect(knocks).toEqual([]);
  });

  it('closes a connection that sends nothing', async () => {
    const { path } = await listening();
    expect(await ask(path, 'knock pr')).toBe('');
  });

  it('knocks no more often than is allowed', async () => {
    const { path, knocks, open } = await listening({ isPatient: true });
    for (let i = 0; i < 8; i += 1) {
      const answer = ask(path, 'knock prod\n');
      const opener = setInterval(open, 2);
      expect(await answer).toBe('done\n');
      clearInterval(opener);
    }
    expect(knocks).toHaveLength(5);
  });
});

describe('the allowance', () => {
  it('is for each host and for all together, and comes back', () => {
    let nowMs = 0;
    const allowance = new Allowance(() => nowMs);
    const take = (alias: string, count: number) => Array.from({ length: count }, () => allowance.take(alias));
    expect(take('a', 6).filter(Boolean)).toHaveLength(5);
    expect(['b', 'c', 'd', 'e'].flatMap((alias) => take(alias, 6)).filter(Boolean)).toHaveLength(15);
    nowMs = 10_000;
    expect(take('a', 6).filter(Boolean)).toHaveLength(5);
  });
});

/** Where a leader's server listens: on Windows a file names its pipe. */
function place(path: string): string {
  return process.platform === 'win32' ? (pipeIn(path) ?? 'no pipe') : path;
}

/** Leaves a socket like that of a killed process. */
async function leaveDead(path: string): Promise<void> {
  if (process.platform === 'win32') return writeFileSync(path, '\\\\.\\pipe\\knockgate-4294967295-dead\r\n');
  const dead = createServer();
  await new Promise<void>((resolve) => dead.listen(`${path}.moved`, resolve));
  // A link to it keeps the socket when the server unlinks its own name.
  linkSync(`${path}.moved`, path);
  await new Promise((resolve) => dead.close(resolve));
}

describe('the leader', () => {
  let tokens = 0;
  function window(path: string) {
    const parts = service();
    const leader = new HookLeader(path, {
      platform: process.platform,
      clock: systemClock,
      newServer: () => parts.server,
      token: () => `token${tokens++}`,
    });
    onTestFinished(() => leader.resign());
    return { leader, ...parts };
  }

  it('is one window; another takes over when that has gone', async () => {
    const path = join(temporaryFolder(), 'own', 'socket');
    const [first, second] = [window(path), window(path)];
    await first.leader.tryToLead();
    await second.leader.tryToLead();
    expect([first.leader.isLeading, second.leader.isLeading]).toEqual([true, false]);
    expectMode(path, 0o600);
    expectMode(join(path, '..'), 0o700);
    first.leader.resign();
    await second.leader.tryToLead();
    expect(second.leader.isLeading).toBe(true);
    expect(await ask(place(path), 'knock other\n')).toBe('done\n');
  });

  it('takes over from a process that died and left its socket', async () => {
    const path = join(temporaryFolder(), 'own', 'socket');
    mkdirSync(join(path, '..'));
    await leaveDead(path);
    expect(existsSync(path)).toBe(true);
    const windows = Array.from({ length: 5 }, () => window(path));
    await Promise.all(windows.map(({ leader }) => leader.tryToLead()));
    expect(windows.filter(({ leader }) => leader.isLeading)).toHaveLength(1);
    expect(await ask(place(path), 'knock other\n')).toBe('done\n');
  });

  it('makes its socket again when something removed it', async () => {
    const path = join(temporaryFolder(), 'own', 'socket');
    const first = window(path);
    await first.leader.tryToLead();
    rmSync(path);
    const second = window(path);
    await second.leader.tryToLead();
    expect(second.leader.isLeading).toBe(true);
  });

  it('refuses a folder that is a link, or somebody else’s', async () => {
    const folder = temporaryFolder();
    const theirs = join(folder, 'theirs');
    mkdirSync(theirs, { mode: 0o755 });
    symlinkSync(theirs, join(folder, 'own'));
    const { leader } = window(join(folder, 'own', 'socket'));
    await expect(leader.tryToLead()).rejects.toThrow(/link/);
    expect([leader.isLeading, readdirSync(theirs), statSync(theirs).mode & 0o777]).toEqual([false, [], 0o755]);
  });

  it('says so when there can be no socket', async () => {
    const folder = temporaryFolder();
    const { leader } = window(join(folder, 'a'.repeat(200), 'socket'));
    await expect(leader.tryToLead()).rejects.toThrow();
    expect(leader.isLeading).toBe(false);
  });
});
