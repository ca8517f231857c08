import { commands, type Memento, Uri } from 'vscode';
import { formatSshAuthority } from '../../ssh/authority.ts';
import type { SshDestination } from '../../ssh/destination.ts';
import { notePendingConnect } from './pending-connect.ts';

export interface WantedWindow {
  /** Folder, from the root on, as a URI has it; undefined for a window without a folder. */
  readonly folder: string | undefined;
  /** Whether it replaces this window. */
  readonly isHere: boolean;
}

/** Opens a window of the editor’s SSH extension. */
export async function openRemoteWindow(
  destination: SshDestination,
  { folder, isHere }: WantedWindow,
  state: Pick<Memento, 'update'>,
  wallMs: number,
): Promise<void> {
  const authority = formatSshAuthority(destination);
  await notePendingConnect(state, destination, wallMs);
  if (folder === undefined) {
    await commands.executeCommand('vscode.newWindow', { remoteAuthority: authority, reuseWindow: isHere });
  } else {
    const uri = Uri.from({ scheme: 'vscode-remote', authority, path: folder });
    await commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: !isHere, forceReuseWindow: isHere });
  }
}
