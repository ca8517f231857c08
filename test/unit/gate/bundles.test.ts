import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { temporaryFolder } from './support.ts';

const run = promisify(execFile);

it('parts of the daemon are loaded from beside it, and a missing one is named', async () => {
  const folder = temporaryFolder();
  const daemon = join(folder, 'knockgated.cjs');
  const part = join(folder, 'knockgated-import.cjs');
  const manage = join(folder, 'knockgated-manage.cjs');
  await build({
    entries: {
      [daemon]: 'server-helper/main.ts',
      [part]: 'server-helper/import/bundle.ts',
      [manage]: 'server-helper/manage/bundle.ts',
    },
  });
  const config = join(folder, 'knockd.conf');
  writeFileSync(
    config,
    '[openSSH]\nsequence = 7000,8000,9000\ncommand = /sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n',
  );
  const { stdout } = await run(process.execPath, [daemon, 'import-knockd', config]);
  expect(stdout).toContain('[[sequence]]');
  rmSync(part);
  await expect(run(process.execPath, [daemon, 'import-knockd', config])).rejects.toMatchObject({
    code: 5,
    stderr: expect.stringContaining('knockgated-import.cjs, which is part of this program, cannot be loaded'),
  });
});
