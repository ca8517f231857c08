import { parseSshAuthority } from '../ssh/authority.ts';
import type { SshDestination } from '../ssh/destination.ts';

/** What is known of a window before anything in it is connected. */
export interface WindowFacts {
  /** Authority of the workspace file; undefined without one. */
  readonly workspaceFile: string | undefined;
  /** Authority of the first folder; undefined without one. */
  readonly firstFolder: string | undefined;
  /** Whether the editor calls this a remote window at all. */
  readonly isRemote: boolean;
  /** Where our own command has just sent a window; undefined when it has not. */
  readonly pending: SshDestination | undefined;
}

/**
 * Where a window goes over SSH: as its workspace or first folder says. An empty remote window says nothing by itself, so
 * there what our own command noted just before counts.
 * @returns undefined for a window that does not go over SSH, or nowhere that can be told
 */
export function windowDestination(facts: WindowFacts): SshDestination | undefined {
  const { workspaceFile, firstFolder, isRemote, pending } = facts;
  // An untitled workspace has its file on this computer, and its folders on the other.
  const known = [workspaceFile, firstFolder].filter((authority) => authority !== undefined && authority !== '');
  for (const authority of known) {
    const destination = parseSshAuthority(authority ?? '');
    if (destination !== undefined) return destination;
  }
  return known.length === 0 && isRemote ? pending : undefined;
}
