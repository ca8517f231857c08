import type { Problem } from '../../base/problem.ts';
import type { AnyHost } from '../../client/hosts/kinds.ts';
import { type HostBook, hostCalled } from '../hosts/host-book.ts';
import type { RemoteFolder } from '../hosts/recent-folders.ts';

/** Row of the hosts view for a host. Commands that are called for a row take its `host`. */
export type HostRow =
  | { readonly kind: 'gated'; readonly host: string; readonly configured: AnyHost; readonly behind: string | undefined }
  /** It is in the settings, but invalid. */
  | { readonly kind: 'broken'; readonly host: string; readonly problem: Problem }
  /** Only ssh knows it. */
  | { readonly kind: 'plain'; readonly host: string };

/** A row below that of a host. */
export type PartRow =
  | { readonly kind: 'detail'; readonly host: string; readonly detail: Detail }
  /** Folder that was opened there; the command that opens it takes the row. */
  | { readonly kind: 'folder'; readonly host: string; readonly folder: RemoteFolder };

/** Fact about a host. */
export interface Detail {
  readonly label: string;
  readonly value: string;
  /** Codicon beside it. */
  readonly icon: string;
  /** Meaning of the row, or the full text where `value` is shortened. */
  readonly tooltip: string;
}

/**
 * Lists the rows: hosts of the settings in their order there, then the rest of the SSH configuration.
 * @param behind finds the host in front of a host's gate; undefined when it can be knocked at from here
 */
export function hostRows(
  { hosts, broken }: HostBook,
  sshAliases: readonly string[],
  behind: (name: string) => string | undefined,
): HostRow[] {
  const gated = [...hosts].map(
    ([host, configured]): HostRow => ({ kind: 'gated', host, configured, behind: behind(host) }),
  );
  const wrong = [...broken].map(([host, problem]): HostRow => ({ kind: 'broken', host, problem }));
  const others = sshAliases.filter((alias) => !hosts.has(alias) && !broken.has(alias));
  return [...gated, ...wrong, ...others.map((host): HostRow => ({ kind: 'plain', host }))];
}

/** Most folders below one host; the question of "Knock and Open Folder" lists all of them. */
const MOST_FOLDERS = 5;

/** Folders that were opened on a host, under any of its names. */
export function folderRows(host: string, book: HostBook, folders: readonly RemoteFolder[]): PartRow[] {
  const there = folders.filter((folder) => hostCalled(folder.host, book)?.name === host);
  return there.slice(0, MOST_FOLDERS).map((folder) => ({ kind: 'folder', host, folder }));
}
