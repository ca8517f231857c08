import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseProgress, readProgress } from '../../../../server-helper/firewall/progress.ts';

const LINE = '7241 (nft (x) y) S 1 7241 7241 0 -1 4194304 200 0 0 0 31 11 0 0 20 0 1 0 93847 5500928 900';

describe('the progress of a process', () => {
  it('is its processor time, and whether it works, by proc(5)', () => {
    expect(parseProgress(LINE)).toEqual({ cpuTicks: 42, isWorking: false });
    expect(parseProgress(LINE.replace(') S ', ') R '))).toMatchObject({ isWorking: true });
    expect(parseProgress(LINE.replace(') S ', ') D '))).toMatchObject({ isWorking: true });
    expect(parseProgress(LINE.replace(') S ', ') T '))).toMatchObject({ isWorking: false });
    expect(parseProgress('')).toEqual({ cpuTicks: 0, isWorking: false });
  });

  it('is none for a process that is gone', () => {
    expect(readProgress(0x7fff_fff0)).toEqual({ cpuTicks: 0, isWorking: false });
  });

  it('goes on in a process that computes', async () => {
    const child = spawn('sh', ['-c', 'while :; do :; done']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    await vi.waitFor(() => expect(readProgress(child.pid ?? 0).cpuTicks).toBeGreaterThan(0), 10_000);
  });
});
