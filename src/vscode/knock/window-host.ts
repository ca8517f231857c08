import { parseSshAuthority } from '../../ssh/authority.ts';
import type { SshDestination } from '../../ssh/destination.ts';

/** Facts of a window before anything in it is connected. */
export interface WindowFacts {
  /** Authority of the workspace file; undefined without one. */
  readonly workspaceFile: string | undefined;
  /** Authority of the first folder; undefined without one. */
  readonly firstFolder: string | undefined;
  /** Whether the editor calls this a remote window at all. */
  readonly isRemote: boolean;
  /** Asks for the authority of the window itself; undefined if the editor does not tell it. */
  readonly ownAuthority: () => string | undefined;
  /** Destination to which our own command has just sent a window; undefined when it has not. */
  readonly pending: SshDestination | undefined;
}

/**
 * Destination of a window over SSH. Its workspace file and first folder are known at once. An empty window has neither, and a
 * folder may be of another kind, such as a repository on GitHub: then the window's own authority decides. Where the editor keeps
 * that to itself, what our own command noted counts, for an empty window.
 * @returns undefined for a window that does not go over SSH, and where nothing says where it goes
 */
export function windowDestination(facts: WindowFacts): SshDestination | undefined {
  const { workspaceFile, firstFolder, isRemote, ownAuthority, pending } = facts;
  // An untitled workspace has its file on this computer, and its folders on the other.
  const known = [workspaceFile, firstFolder].filter((authority) => authority !== undefined && authority !== '');
  for (const authority of known) {
    const destination = parseSshAuthority(authority ?? '');
    if (destination !== undefined) return destination;
  }
  if (!isRemote) return undefined;
  const own = ownAuthority();
  if (own !== undefined) return parseSshAuthority(own);
  return known.length === 0 ? pending : undefined;
}
