import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isOrphanedPipe, isPipeName, pipeName } from '../../../../src/ssh/hook/pipe-name.ts';

describe('the name of a pipe', () => {
  it('says which process it is of, so that nobody connects when that has ended', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    expect(isOrphanedPipe(pipeName(pid, 'token'))).toBe(true);
    expect(isOrphanedPipe(pipeName(process.pid, 'token'))).toBe(false);
  });

  it('is distinguished from a socket and from other names', () => {
    expect(isPipeName(pipeName(process.pid, 'to-ken'))).toBe(true);
    expect(isOrphanedPipe('/run/user/1000/knockgate/hook')).toBe(false);
    for (const text of ['\\\\.\\pipe\\knockgate-token', '\\\\.\\pipe\\other', '\\\\host\\pipe\\knockgate-1-x', ''])
      expect(isPipeName(text)).toBe(false);
  });
});
