import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendRaw } from '../../../src/cli/raw-socket.ts';
import { problemOf } from '../client/support.ts';

const SENDING = {
  from: Uint8Array.of(192, 0, 2, 1),
  to: Uint8Array.of(192, 0, 2, 2),
  protocol: 17,
  segment: Buffer.from('segment'),
};

/** A folder for PATH with one program. It keeps its input and prints a text. */
function programs(name: string, said: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'knockgate-raw-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const keep = '/bin/cat >"$0.in"; echo "$*" >"$0.args"; export >"$0.env"';
  writeFileSync(join(folder, name), `#!/bin/sh\n${keep}; ${said}\n`, { mode: 0o755 });
  return folder;
}

describe('a raw socket', () => {
  it.each(['perl', 'python3'])('is opened by %s, which gets everything through a pipe', async (name) => {
    const folder = programs(name, 'echo sent 0');
    await sendRaw(SENDING, folder);
    const told = readFileSync(join(folder, `${name}.in`));
    expect(told).toEqual(Buffer.from([192, 0, 2, 1, 192, 0, 2, 2, 17, ...SENDING.segment]));
    expect(readFileSync(join(folder, `${name}.args`), 'utf8')).not.toContain('192');
    expect(readFileSync(join(folder, `${name}.env`), 'utf8')).not.toMatch(/HOME|USER/);
  });

  it.each([
    ['echo socket 1', 'raw-socket-refused', 'EPERM'],
    ['echo socket 13', 'raw-socket-refused', 'EACCES'],
    ['echo what >&2; exit 3', 'program-failed', 'what'],
    ['echo sent 0; echo sent 0', 'program-failed', 'nothing'],
  ])('that cannot be opened says why: %s', async (said, code, why) => {
    const problem = await problemOf(() => sendRaw(SENDING, programs('perl', said)));
    expect([problem.code, problem.why]).toEqual([code, expect.stringContaining(why)]);
  });

  it.each(['', ':', '.', 'bin:'])('is opened by no program of the folder that root is in: PATH=%s', async (path) => {
    const before = process.cwd();
    const folder = programs('perl', 'echo sent 0');
    mkdirSync(join(folder, 'bin'));
    copyFileSync(join(folder, 'perl'), join(folder, 'bin/perl'));
    process.chdir(folder);
    onTestFinished(() => process.chdir(before));
    // The system's own program sends nothing from that address, or is missing.
    await sendRaw(SENDING, path).catch(() => {});
    expect([existsSync(join(folder, 'perl.in')), existsSync(join(folder, 'bin/perl.in'))]).toEqual([false, false]);
  });

  it('that cannot send has the error of the system', async () => {
    await expect(sendRaw(SENDING, programs('perl', 'echo send 13'))).rejects.toMatchObject({
      code: 'EACCES',
      syscall: 'send',
    });
  });

  it('needs one of these programs', async () => {
    expect((await problemOf(() => sendRaw(SENDING, programs('awk', 'true')))).code).toBe('program-missing');
  });
});
