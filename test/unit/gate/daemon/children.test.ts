import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ChildFile } from '../../../../server-helper/daemon/children.ts';
import { temporaryFolder } from '../support.ts';

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), 'children');
});

/** A process that goes by a name: the kernel takes it from the file that was started. */
async function child(name = 'tcpdump'): Promise<ChildProcess & { pid: number }> {
  const program = join(temporaryFolder(), name);
  symlinkSync('/bin/sleep', program);
  const process = spawn(program, ['600']);
  onTestFinished(() => void process.kill('SIGKILL'));
  await once(process, 'spawn');
  if (process.pid === undefined) throw new Error('not started');
  return Object.assign(process, { pid: process.pid });
}

describe('what a daemon leaves behind', () => {
  it('is ended by the next one, once', async () => {
    const left = await child();
    new ChildFile(path).started(left.pid);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const ended = once(left, 'exit');
    expect(new ChildFile(path).endLeftovers()).toBe(1);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(new ChildFile(path).endLeftovers()).toBe(0);
  });

  it('is left alone when it is not a tcpdump: the file is in the hands of the daemon’s user', async () => {
    const victim = await child('database');
    new ChildFile(path).started(victim.pid);
    expect(new ChildFile(path).endLeftovers()).toBe(0);
  });

  it('is not mistaken for another process with its id', async () => {
    const other = await child();
    new ChildFile(path).started(other.pid);
    writeFileSync(path, readFileSync(path, 'latin1').replace(/ \d+/, ' 1'));
    expect(new ChildFile(path).endLeftovers()).toBe(0);
    expect(other.exitCode).toBeNull();
    expect(other.signalCode).toBeNull();
  });

  it.each(['', '\n\n', 'x y\n', '-1 5\n', '0 0\n', '99999999 5\n', '1\n'])(
    'is nothing in a file that holds %j',
    (text) => {
      writeFileSync(path, text);
      expect(new ChildFile(path).endLeftovers()).toBe(0);
    },
  );

  it('is nothing without a file, and nowhere to write one is no reason not to run', async () => {
    expect(new ChildFile(path).endLeftovers()).toBe(0);
    const { pid } = await child();
    const nowhere = new ChildFile(join(path, 'no', 'children'));
    nowhere.started(pid);
    nowhere.started(99_999_999);
    expect(nowhere.endLeftovers()).toBe(0);
  });

  it('is nothing after an orderly end', async () => {
    const { pid } = await child();
    const file = new ChildFile(path);
    file.started(pid);
    file.forget();
    expect(existsSync(path)).toBe(false);
  });
});
