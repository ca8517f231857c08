import { commands, extensions, type Memento, workspace } from 'vscode';
import { formatSshAuthority } from '../ssh/authority.ts';
import { notePendingConnect } from './pending-connect.ts';
import { noRemoteSsh } from './problems.ts';

const OWN_ID = 'knockgate.knockgate';
const RESOLVES_SSH = 'onResolveRemoteAuthority:ssh-remote';

/**
 * Opens a window of Remote - SSH to a host: in the place of this one when nothing is open in it.
 * @throws Problem `remote-ssh-missing`
 */
export async function openRemoteWindow(host: string, state: Pick<Memento, 'update'>, wallMs: number): Promise<void> {
  if (!canOpenSshWindows()) throw noRemoteSsh();
  const destination = { host, user: undefined, port: undefined };
  await notePendingConnect(state, destination, wallMs);
  await commands.executeCommand('vscode.newWindow', {
    remoteAuthority: formatSshAuthority(destination),
    reuseWindow: workspace.workspaceFolders === undefined && workspace.workspaceFile === undefined,
  });
}

/** Whether some extension resolves `ssh-remote`: each editor has one of its own. */
function canOpenSshWindows(): boolean {
  return extensions.all.some(({ id, packageJSON }) => {
    const events: unknown = packageJSON?.activationEvents;
    return id.toLowerCase() !== OWN_ID && Array.isArray(events) && events.includes(RESOLVES_SSH);
  });
}
