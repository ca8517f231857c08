import { l10n, ThemeIcon } from 'vscode';
import { formatDestination, type SshDestination } from '../../ssh/destination.ts';
import { chooseOrType } from '../ask/ask.ts';
import { pickDestination } from '../ask/pick-host.ts';
import { hostCalled } from '../hosts/host-book.ts';
import { folderPath, readFolder, recentFolders } from '../hosts/recent-folders.ts';
import { isWindowEmpty, knockAndOpen } from '../knock/connect.ts';
import { destinationOf } from '../knock/destinations.ts';
import type { Parts } from '../parts.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Knock and Open Folder… Opens a new window, or uses this one if nothing is open in it. */
export async function openFolder(parts: Parts, argument: unknown): Promise<void> {
  await open(parts, argument, l10n.t('Knock and Open Folder'), isWindowEmpty());
}

/** Knockgate: Knock and Open Folder in This Window… */
export async function openFolderHere(parts: Parts, argument: unknown): Promise<void> {
  await open(parts, argument, l10n.t('Knock and Open Folder in This Window'), true);
}

async function open(parts: Parts, argument: unknown, title: string, isHere: boolean): Promise<void> {
  // A row of the hosts view has its folder.
  const row = typeof argument === 'object' && argument !== null && 'folder' in argument && readFolder(argument.folder);
  if (row) return knockAndOpen(parts, formatDestination(row), { folder: row.path, isHere });
  const typed = nameFrom(argument) ?? (await pickDestination(parts, title, true));
  if (typed === undefined) return;
  const folder = await askFolder(parts, title, destinationOf(typed, parts));
  if (folder !== undefined) await knockAndOpen(parts, typed, { folder, isHere });
}

/** Asks for a folder on a server: one that was opened there before, or a typed one. */
async function askFolder(parts: Parts, title: string, destination: SshDestination): Promise<string | undefined> {
  const book = parts.hosts();
  const nameOf = (host: string) => hostCalled(host, book)?.name ?? host;
  const before = recentFolders(parts.globalState).filter(({ host }) => nameOf(host) === nameOf(destination.host));
  const paths = [...new Set(before.map(({ path }) => path))];
  const item = (path: string, icon: string) => ({ label: path, iconPath: new ThemeIcon(icon), path });
  const placeHolder = l10n.t('Folder on {0}: choose one, or type its whole path, such as /srv/app', destination.host);
  const picked = await chooseOrType(
    paths.map((path) => item(path, 'folder')),
    { title, placeHolder },
    (text) => {
      const path = folderPath(text);
      return path === undefined ? undefined : item(path, 'folder-opened');
    },
  );
  return picked?.path;
}
