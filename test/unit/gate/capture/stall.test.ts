import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readerState, Stall, unreadBytes } from '../../../../server-helper/capture/stall.ts';

const TABLE = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
000000008fe7c56c 0   7241       00000000 512      0        0     2        0        5299234
00000000c81542d4 12  7241       00000000 2496     0        0     2        0        5299254
00000000ff148040 12  724        00000000 9        0        0     2        0        5299241
`;

describe('what the kernel holds for a reader', () => {
  it('is that of its own socket of netfilter', () => {
    expect(unreadBytes(TABLE, 7241)).toBe(2496);
    expect(unreadBytes(TABLE, 72)).toBe(0);
    expect(unreadBytes('', 7241)).toBe(0);
  });

  it('includes whether it was stopped', async () => {
    const child = spawn('sleep', ['600']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    expect(readerState(pid)).toEqual({ stopped: false, unread: 0 });
    child.kill('SIGSTOP');
    await vi.waitFor(() => expect(readerState(pid)).toEqual({ stopped: true, unread: 0 }), 5000);
  });

  it('is nothing for one that is gone', () => {
    expect(readerState(0x7fff_fff0)).toEqual({ stopped: false, unread: 0 });
  });
});

describe('a reader', () => {
  const holding = (unread: number) => ({ stopped: false, unread });

  it('hangs when two checks in a row find unread packets, and it passed on none in between', () => {
    const stall = new Stall();
    expect(stall.hangs(holding(0), 3)).toBe(false);
    expect(stall.hangs(holding(2496), 3)).toBe(false);
    expect(stall.hangs(holding(2496), 3)).toBe(true);
    // The one that comes in its place begins anew.
    expect(stall.hangs(holding(2496), 3)).toBe(false);
  });

  it('works as long as it passes packets on, or has none unread', () => {
    const stall = new Stall();
    for (const [unread, heard] of [
      [10, 1],
      [10, 2],
      [0, 2],
      [10, 2],
      [0, 2],
    ] as const)
      expect(stall.hangs(holding(unread), heard)).toBe(false);
  });

  it('hangs when somebody has stopped it', () => {
    expect(new Stall().hangs({ stopped: true, unread: 0 }, 0)).toBe(true);
  });
});
