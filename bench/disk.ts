import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** statfs(2) of a tmpfs. */
const TMPFS_MAGIC = 0x01021994;
/** Survives a restart, and so is on a disk (FHS 3.0, section 5.15). */
const ON_DISK = '/var/tmp';

/**
 * Has temporary files, and the state of every daemon with them, put on a disk: some systems keep /tmp in memory, where writing
 * durably takes no time.
 */
export function keepFilesOnDisk(): void {
  if (statfsSync(tmpdir()).type === TMPFS_MAGIC) process.env.TMPDIR = ON_DISK;
}
