import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Control groups for one target alone, one in each hierarchy that its systemd uses. Without them all targets of this computer share
 * the same groups: a systemd that ends a session then waits for the processes of another target, and cannot end them.
 */
export class ControlGroups {
  private readonly folders: readonly string[];

  /** @param name unique on this computer */
  constructor(name: string) {
    this.folders = ownFolders().map((folder) => join(folder, name));
    for (const folder of this.folders) mkdirSync(folder, { recursive: true });
  }

  /** A command that begins in these groups, and so does all that it starts. */
  within(command: readonly string[]): [string, string[]] {
    const join = this.folders.map((folder) => `echo $$ > '${folder}/cgroup.procs'`);
    return ['sh', ['-c', [...join, 'exec "$@"'].join(' && '), 'sh', ...command]];
  }

  /** Deletes groups in which nothing runs any more. */
  remove(): void {
    this.folders.forEach(removeGroup);
  }
}

/** Groups of this process in the hierarchy that systemd names after itself, and in that of cgroup 2, if they are mounted. */
function ownFolders(): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, hierarchy, path = ''] = /^\d+:(name=systemd)?:(\/.*)$/.exec(line) ?? [];
      if (path === '') return [];
      const isIts = hierarchy === undefined ? / cgroup2 / : / cgroup \S*\bname=systemd\b/;
      const [, mountPoint] = mounts.find((mount) => isIts.test(mount))?.split(' ') ?? [];
      return mountPoint === undefined ? [] : [join(mountPoint, path)];
    });
}

/** Deletes a group with those in it. If a process is still ending, the group stays, empty. */
function removeGroup(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) removeGroup(join(folder, entry.name));
    rmdirSync(folder);
  } catch {
    // It stays.
  }
}
