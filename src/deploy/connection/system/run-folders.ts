import { spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemErrorCode } from '../../../os/system-error.ts';

const PREFIX = 'knockgate-ssh-';
/** Name of the socket of the open connection, in the folder of a run. */
const SOCKET = 's';
/**
 * Age from which a folder is left over: while a person is asked for a password there is no socket, but nobody is asked for so long.
 */
const STALE_AFTER_MS = 3_600_000;

/** Folders of one login, for this user alone. */
export interface RunFolders {
  /** Folder for the socket, whose path must be short, and for questions. */
  readonly run: string;
  /** Folder in which a script can be run; often the same. */
  readonly scripts: string;
  readonly socket: string;
}

/** Makes the folders of a login. Deletes folders of earlier logins that were killed together with their shells. */
export async function makeRunFolders(
  env: Readonly<Record<string, string | undefined>>,
  parent = tmpdir(),
  canRunIn = canRunScripts,
): Promise<RunFolders> {
  await deleteStale(parent);
  const run = mkdtempSync(join(parent, PREFIX));
  const scripts = canRunIn(run) ? run : elsewhere([env.XDG_RUNTIME_DIR, env.HOME ?? homedir()], canRunIn);
  // If no folder allows it, ssh reports that as soon as it wants to ask something.
  return { run, scripts: scripts ?? run, socket: join(run, SOCKET) };
}

/** Finds another folder: one for temporary files may be mounted with noexec. */
function elsewhere(parents: readonly (string | undefined)[], canRunIn: (folder: string) => boolean) {
  for (const parent of parents) {
    if (parent === undefined || parent === '') continue;
    try {
      const folder = mkdtempSync(join(parent, `.${PREFIX}`));
      if (canRunIn(folder)) return folder;
      rmSync(folder, { recursive: true });
    } catch (error) {
      // There is no such folder, or we may not write in it.
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

/** Whether an ssh still listens on the socket. */
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
