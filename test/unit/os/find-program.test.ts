import { describe, expect, it } from 'vitest';
import { findProgram } from '../../../src/os/find-program.ts';

const ENV = { Path: '.;tools;C:\\Windows\\System32\\OpenSSH;"C:\\q";D:\\Git\\usr\\bin', SystemRoot: 'C:\\WINDOWS' };
const there = (...paths: string[]) => paths.includes.bind(paths) as (path: string) => boolean;
const find = (name: string, exists: (path: string) => boolean, env: Record<string, string> = ENV) =>
  findProgram(name, { platform: 'win32', env }, exists as typeof import('node:fs').existsSync);

describe('a program on Windows', () => {
  it('is the first one on PATH, by its whole path', () => {
    const [first, second] = ['C:\\Windows\\System32\\OpenSSH\\ssh.exe', 'D:\\Git\\usr\\bin\\ssh.exe'];
    expect(find('ssh', there(first, second))).toBe(first);
    expect(find('ssh', there(second))).toBe(second);
    expect(find('SSH.EXE', there('D:\\Git\\usr\\bin\\SSH.EXE'))).toBe('D:\\Git\\usr\\bin\\SSH.EXE');
  });

  it('is never one of the current folder', () => {
    expect(find('ssh', () => true)).toBe('C:\\Windows\\System32\\OpenSSH\\ssh.exe');
    expect(find('ssh', there('ssh.exe', 'tools\\ssh.exe'))).toBe('C:\\WINDOWS\\System32\\ssh.exe');
    expect(find('ssh', () => false, {})).toBe('C:\\Windows\\System32\\ssh.exe');
  });

  it('is the one that is named by a path', () => {
    expect(find('C:\\tools\\ssh.exe', () => false)).toBe('C:\\tools\\ssh.exe');
    expect(find('./ssh', () => false)).toBe('./ssh');
  });
});

describe('a program anywhere else', () => {
  it('is left to the system, which looks along PATH only', () => {
    expect(findProgram('ssh', { platform: 'linux', env: { PATH: '/usr/bin' } })).toBe('ssh');
  });
});
