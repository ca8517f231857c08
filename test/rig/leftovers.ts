import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Marks a program and all that it starts, by an environment variable that children inherit. */
export const MARK = 'KNOCKGATE_TEST_MARK';

const NETNS_DIR = '/run/netns';

/** Namespaces that a process has made with the rig: name and the kernel's number for it. */
export function namespacesOf(pid: number): Map<string, number> {
  try {
    const names = readdirSync(NETNS_DIR).filter((name) => name.startsWith(`kg${pid}-`));
    return new Map(names.map((name) => [name, statSync(join(NETNS_DIR, name)).ino]));
  } catch {
    // It was deleted between two looks, or this process has never made a namespace.
    return new Map();
  }
}

/** Processes that carry a mark or live in one of these namespaces, as `PID COMMAND`; a namespace lives as long as they. */
export function processesOf(mark: string, inodes: Iterable<number>): string[] {
  const namespaces = new Set([...inodes].map((inode) => `net:[${inode}]`));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const marked = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${MARK}=${mark}`);
        if (!marked && !namespaces.has(readlinkSync(`/proc/${pid}/ns/net`))) return [];
        return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')}`];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}
