import type { Memento } from 'vscode';
import { isHost, isPort, isUser, type SshDestination } from '../../ssh/destination.ts';

const RECORD = 'knockgate.recentFolders';
/** Most folders to keep; the oldest are forgotten. */
const MOST = 40;

/** Folder of a server on which a window was opened. */
export interface RemoteFolder extends SshDestination {
  /** Path as a URI has it: from the root on, with slashes. */
  readonly path: string;
}

/** Folders that were opened over SSH on this device, the newest first. */
export function recentFolders(state: Pick<Memento, 'get'>): RemoteFolder[] {
  const record = state.get<unknown>(RECORD);
  return Array.isArray(record) ? record.flatMap((each) => readFolder(each) ?? []) : [];
}

/** Notes a folder as the newest. */
export async function noteFolder(state: Pick<Memento, 'get' | 'update'>, folder: RemoteFolder): Promise<void> {
  const { host, user, port, path } = folder;
  const others = recentFolders(state).filter((each) => !isSame(each, folder));
  const folders = [{ host, user, port, path }, ...others].slice(0, MOST);
  if (JSON.stringify(folders) !== JSON.stringify(recentFolders(state))) await state.update(RECORD, folders);
}

function isSame(one: RemoteFolder, other: RemoteFolder): boolean {
  return one.host === other.host && one.user === other.user && one.port === other.port && one.path === other.path;
}

/**
 * Path of a folder as a URI has it: `/srv/app`, or `/c:/Users/alice` for `C:\Users\alice`.
 * @returns undefined for a path that does not begin at a root
 */
export function folderPath(typed: string): string | undefined {
  const text = typed.trim();
  if (/\p{Cc}/u.test(text)) return undefined;
  if (/^[A-Za-z]:[\\/]/.test(text)) return `/${text.charAt(0).toLowerCase()}${text.slice(1).replaceAll('\\', '/')}`;
  return text.startsWith('/') && !text.startsWith('//') ? text : undefined;
}

/** Reads a folder from its note; undefined for anything else. */
export function readFolder(value: unknown): RemoteFolder | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { host, user, port, path }: Record<string, unknown> = { ...value };
  if (typeof host !== 'string' || !isHost(host)) return undefined;
  if (typeof path !== 'string' || folderPath(path) === undefined) return undefined;
  return {
    host,
    user: typeof user === 'string' && isUser(user) ? user : undefined,
    port: typeof port === 'number' && isPort(port) ? port : undefined,
    path,
  };
}
