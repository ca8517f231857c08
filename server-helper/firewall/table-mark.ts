import { createHash } from 'node:crypto';
import { TAG_LENGTH } from '../../src/spa/tags.ts';

/**
 * A tag that no client has, kept among those that the kernel is given. While it is there, nobody has flushed the tags, and the
 * table is not one that somebody has loaded from a file: the kernel gives each table of a boot another number.
 * @param boot id of the boot
 * @param handle the kernel's number of the table
 */
export function markOf(boot: Uint8Array, handle: string): string {
  const hash = createHash('sha256').update(boot).update(handle).digest('hex');
  return `0x${hash.slice(0, 2 * TAG_LENGTH)}`;
}
