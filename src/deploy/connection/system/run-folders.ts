import { spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemErrorCode } from '../../../os/system-error.ts';

const PREFIX = 'knockgate-ssh-';
/** The socket of the connection that is held, in the folder of a run. */
const SOCKET = 's';
/** A person who is asked a password has no socket yet, but is not asked that long. */
const STALE_AFTER_MS = 3_600_000;

/** Folders of one login, for this user alone. */
export interface RunFolders {
  /** For the socket, whose path must be short, and for questions. */
  readonly run: string;
  /** Where a script can be run; often the same. */
  readonly scripts: string;
  readonly socket: string;
}

/** Makes the folders of a login. What an earlier one has left behind, which was killed together with its shell, is deleted. */
export async function makeRunFolders(
  env: Readonly<Record<string, string | undefined>>,
  parent = tmpdir(),
  canRunIn = canRunScripts,
): Promise<RunFolders> {
  await deleteStale(parent);
  const run = mkdtempSync(join(parent, PREFIX));
  const scripts = canRunIn(run) ? run : elsewhere([env.XDG_RUNTIME_DIR, env.HOME ?? homedir()], canRunIn);
  // Where none can be run, ssh says so as soon as it wants to ask something.
  return { run, scripts: scripts ?? run, socket: join(run, SOCKET) };
}

/** A folder for temporary files may be mounted so that nothing in it can be run (noexec). */
function elsewhere(parents: readonly (string | undefined)[], canRunIn: (folder: string) => boolean) {
  for (const parent of parents) {
    if (parent === undefined || parent === '') continue;
    try {
      const folder = mkdtempSync(join(parent, `.${PREFIX}`));
      if (canRunIn(folder)) return folder;
      rmSync(folder, { recursive: true });
    } catch (error) {
      // No such folder, or not ours to write in.
      if (systemErrorCode(error) === undefined) throw error;
    }
  }
  return undefined;
}

function canRunScripts(folder: string): boolean {
  const script = join(folder, 'try');
  writeFileSync(script, '#!/bin/sh\n', { mode: 0o700 });
  const { status } = spawnSync(script, { stdio: 'ignore' });
  rmSync(script);
  return status === 0;
}

async function deleteStale(parent: string): Promise<void> {
  for (const name of readdirSync(parent).filter((each) => each.startsWith(PREFIX))) {
    const folder = join(parent, name);
    if (isOldAndOurs(folder) && !(await isHeld(join(folder, SOCKET)))) rmSync(folder, { recursive: true, force: true });
  }
}

function isOldAndOurs(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory() || found.uid !== process.getuid?.()) return false;
  return found.mtimeMs < Date.now() - STALE_AFTER_MS;
}

/** Whether an ssh still listens there. */
function isHeld(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}
