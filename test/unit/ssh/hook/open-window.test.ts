import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OpenWindow, windowsFolder } from '../../../../src/ssh/hook/open-window.ts';
import { expectMode, temporaryFolder } from '../../client/support.ts';

/** No process has it: the largest that Linux gives is 4194304. */
const DEAD = 99_999_999;

describe('an open window', () => {
  it('is noted by its process while it is open', () => {
    const socket = join(temporaryFolder(), 'socket');
    const folder = windowsFolder(socket);
    const [own, other] = [new OpenWindow(socket, process.pid), new OpenWindow(socket, process.ppid)];
    own.enter(true);
    other.enter(false);
    const file = (pid: number) => join(folder, String(pid));
    expect([readFileSync(file(process.pid), 'utf8'), readFileSync(file(process.ppid), 'utf8')]).toEqual([
      'answers\n',
      '',
    ]);
    expectMode(folder, 0o700);
    expectMode(file(process.pid), 0o600);
    own.leave();
    expect(readdirSync(folder)).toEqual([String(process.ppid)]);
    other.leave();
    expect(existsSync(folder)).toBe(false);
    other.leave();
  });

  it('says anew whether it answers, and that it is there when its file was removed', () => {
    const socket = join(temporaryFolder(), 'socket');
    const file = join(windowsFolder(socket), String(process.pid));
    const own = new OpenWindow(socket, process.pid);
    own.enter(false);
    own.enter(true);
    expect(statSync(file).size).toBeGreaterThan(0);
    own.enter(false);
    expect(statSync(file).size).toBe(0);
    rmSync(windowsFolder(socket), { recursive: true });
    own.enter(false);
    expect(existsSync(file)).toBe(true);
  });

  it('that crashed is forgotten, and no other', () => {
    const socket = join(temporaryFolder(), 'socket');
    const own = new OpenWindow(socket, process.pid);
    own.enter(true);
    new OpenWindow(socket, DEAD).enter(true);
    new OpenWindow(socket, process.ppid).enter(false);
    own.forgetDead();
    expect(readdirSync(windowsFolder(socket)).sort()).toEqual([String(process.pid), String(process.ppid)].sort());
  });
});
