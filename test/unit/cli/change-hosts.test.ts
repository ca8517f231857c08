import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { changeHosts } from '../../../src/cli/change-hosts.ts';
import { hostsPath } from '../../../src/cli/paths.ts';
import type { Shell } from '../../../src/cli/shell.ts';
import { FakeClock, problemOf, temporaryFolder } from '../client/support.ts';
import { collectingShell } from './support.ts';

let shell: Shell;
let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
  ({ shell } = collectingShell(temporaryFolder(), clock));
});

const append = (line: string) =>
  changeHosts(shell, (path, suffix) => writeFileSync(path, `${line} ${suffix.length}\n`, { flag: 'a' }));

describe('a change of the hosts file', () => {
  it('makes the folder, and leaves no lock behind', async () => {
    await append('a');
    expect(readdirSync(dirname(hostsPath(shell)))).toEqual(['hosts.toml']);
  });

  it('waits until another process has finished its change', async () => {
    await append('a');
    const path = hostsPath(shell);
    // Another process at work: its lock changes, and is gone after a while.
    writeFileSync(`${path}.lock`, 'other');
    const done = clock.run(append('b'));
    expect(readFileSync(path, 'utf8')).toBe('a 12\n');
    await done;
    // A lock that does not change belongs to a dead process.
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(5000);
    expect(readFileSync(path, 'utf8')).toBe('a 12\nb 12\n');
  });

  it('says so when the folder cannot be used', async () => {
    const folder = dirname(hostsPath(shell));
    mkdirSync(dirname(folder), { recursive: true });
    writeFileSync(folder, '');
    expect(await problemOf(() => append('a'))).toMatchObject({ code: 'file-unusable' });
  });
});
