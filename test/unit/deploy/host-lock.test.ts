import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Remote } from '../../../src/deploy/connection/remote.ts';
import { LOCK, takeLock } from '../../../src/deploy/host-lock.ts';
import { problemOf, temporaryFolder } from '../support.ts';
import { PSK } from './support.ts';

let path: string;
let closed: number;
beforeEach(() => {
  path = join(temporaryFolder(), 'lock');
  closed = 0;
});

/** A server: the real scripts in a real shell, with a lock in a folder of this test. */
const remote: Remote = {
  carrier: 'ssh',
  hostKey: { type: '', fingerprint: '' },
  run: async (argv) => {
    const [program = '', ...args] = argv.map((word) => (word === LOCK ? path : word));
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    return { code: status, stdout, stderr };
  },
  close: async () => {
    closed += 1;
  },
};

/** `pid`: this process; `running`: all processes of this computer. */
interface Taking {
  seed?: number;
  pid?: number;
  running?: number[];
  host?: string;
}

function take({ seed = 1, pid = 100, running = [100], host = `${seed}-${pid}` }: Taking = {}) {
  const client = { key: new Uint8Array(32).fill(seed), name: `device-${seed}` };
  const device = {
    client,
    known: undefined,
    gates: [],
    psk: undefined,
    randomBytes: (count: number) => PSK.subarray(0, count),
    noteSeen: async () => {},
    knock: () => Promise.reject(new Error('nobody knocks')),
    save: () => Promise.reject(new Error('nothing is saved')),
  };
  return takeLock(remote, { host, device }, { own: pid, isRunning: (other) => running.includes(other) });
}

describe('the lock on a server', () => {
  it('keeps a second device out, and says who is at work and for how long', async () => {
    await take();
    const problem = await problemOf(() => take({ seed: 2, pid: 200 }));
    expect(problem).toMatchObject({ code: 'host-busy', why: expect.stringMatching(/^device-1 began \d s ago\.$/) });
    expect(problem.next).toMatch(/ends by itself in (1200|1199|1198) s; or run `rm \/run\/knockgate-deploy` as root/);
    expect(closed).toBe(1);
  });

  it('keeps a second command of the same device out', async () => {
    await take({ pid: 100 });
    expect(await problemOf(() => take({ pid: 200, running: [100, 200] }))).toMatchObject({ code: 'host-busy' });
  });

  it('is free again when it was given back', async () => {
    const lock = await take();
    await lock.giveBack();
    expect(existsSync(path)).toBe(false);
    await take({ seed: 2, pid: 200 });
  });

  it('is taken over from a command of this device that was killed', async () => {
    await take({ pid: 100 });
    await take({ pid: 200, running: [200] });
    expect(readFileSync(path, 'utf8')).toContain(' device-1 200 ');
  });

  it('is taken over where this process has lost the connection, and not while it is at work', async () => {
    const first = await take({ host: 'box' });
    expect(await problemOf(() => take({ host: 'box' }))).toMatchObject({ code: 'host-busy' });
    const broken = { ...remote, run: () => Promise.reject(new Error('lost')) };
    Object.assign(first, { remote: broken });
    await first.giveBack();
    expect(existsSync(path)).toBe(true);
    await take({ host: 'box' });
  });

  it('is not taken over from another device, though a process here has that number', async () => {
    await take({ seed: 2, pid: 100 });
    expect(await problemOf(() => take({ seed: 1, pid: 200, running: [] }))).toMatchObject({ code: 'host-busy' });
  });

  it('ends by itself', async () => {
    const key = 'A'.repeat(43);
    writeFileSync(path, `${key} device-2 5 1 2\n`);
    await take();
    expect(readFileSync(path, 'utf8')).toContain(' device-1 100 ');
  });

  it.each(['', 'x', 'a b c d e', '\0\0'])('is taken where the file is broken: %j', async (text) => {
    writeFileSync(path, text);
    await take();
    expect(readFileSync(path, 'utf8')).toContain(' device-1 100 ');
  });

  it('is not kept by a person who took longer to answer than it lasts: somebody else may have been there', async () => {
    const lock = await take();
    await lock.keep();
    writeFileSync(path, `${'A'.repeat(43)} device-2 5 1 9999999999\n`);
    expect(await problemOf(() => lock.keep())).toMatchObject({ code: 'lock-lost' });
    const other = await take({ seed: 2, pid: 5, host: 'else' }).catch(() => undefined);
    expect(other).toBeUndefined();
    await lock.giveBack();
    expect(readFileSync(path, 'utf8')).toContain('device-2');
  });

  it('is kept by a person who took hours to answer, when nobody came meanwhile', async () => {
    const lock = await take();
    writeFileSync(path, readFileSync(path, 'utf8').replace(/ \d+ \d+\n$/, ' 1 2\n'));
    await lock.keep();
    expect(readFileSync(path, 'utf8')).not.toContain(' 1 2\n');
  });

  it('is not kept where it is gone', async () => {
    const lock = await take();
    await lock.giveBack();
    expect(await problemOf(() => lock.keep())).toMatchObject({ code: 'lock-lost' });
  });

  it('does not take an answer that it does not understand for a yes or a no', async () => {
    const strange = { ...remote, run: async () => ({ code: 0, stdout: 'Welcome to this host', stderr: '' }) };
    const { device } = { device: { client: { key: new Uint8Array(32), name: 'a' } } };
    const problem = await problemOf(() =>
      takeLock(strange, { host: 'prod', device } as Parameters<typeof takeLock>[1]),
    );
    expect(problem).toMatchObject({ code: 'look-failed', why: 'It said: "Welcome to this host"' });
  });
});
