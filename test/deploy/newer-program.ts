import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scratch } from '../rig/cleanup.ts';

/** The version that `newerProgram` says it is. */
export const NEWER = '9.9.9';

/** The command line as a newer version would be, and what it brings to servers. */
export function newerProgram(present: string): string {
  const { dir } = scratch('newer');
  for (const name of ['knockgate.cjs', 'knockgate-commands.cjs', 'deploy.js'])
    copyFileSync(join(dirname(present), name), join(dir, name));
  const files = JSON.parse(readFileSync(join(dirname(present), 'gate-files.json'), 'utf8'));
  const version = JSON.stringify(files.version);
  const main = 'knockgated.cjs';
  const daemon = files.library[main].replaceAll(version, JSON.stringify(NEWER));
  for (const name of files.beside)
    writeFileSync(join(dir, name), `${readFileSync(join(dirname(present), name), 'utf8')}// Newer.\n`);
  const library = { ...files.library, [main]: daemon, 'knockgated-new.cjs': '// Not there before.\n' };
  // One that the version before does not have: going back to it must not stumble over what is missing.
  const unit = '[Service]\nType=oneshot\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n';
  const systemd = { ...files.systemd, 'knockgate-new.service': unit };
  writeFileSync(join(dir, 'gate-files.json'), JSON.stringify({ ...files, version: NEWER, library, systemd }));
  return join(dir, 'knockgate.cjs');
}
