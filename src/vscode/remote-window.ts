import { commands, env, type Memento, workspace } from 'vscode';
import { formatSshAuthority } from '../ssh/authority.ts';
import { notePendingConnect } from './pending-connect.ts';
import { noSshExtension } from './problems.ts';
import { installedSshExtension, sshExtensionFor } from './ssh-extensions.ts';

/**
 * Opens a window over SSH to a host, in place of this one when nothing is open in it.
 * @throws Problem `ssh-extension-missing`
 */
export async function openRemoteWindow(host: string, state: Pick<Memento, 'update'>, wallMs: number): Promise<void> {
  if (installedSshExtension() === undefined) throw noSshExtension(sshExtensionFor(env.uriScheme));
  const destination = { host, user: undefined, port: undefined };
  await notePendingConnect(state, destination, wallMs);
  await commands.executeCommand('vscode.newWindow', {
    remoteAuthority: formatSshAuthority(destination),
    reuseWindow: workspace.workspaceFolders === undefined && workspace.workspaceFile === undefined,
  });
}
