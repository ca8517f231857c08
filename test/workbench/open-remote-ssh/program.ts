import { appendFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'ssh2';
import * as vscode from 'vscode';
import { parseSshAuthority } from '../../../src/ssh/authority.ts';
import { hostConfig } from './config.ts';
import { logIn, runThere } from './connection.ts';
import { FolderOverSsh } from './folder.ts';

/*
 * An extension that opens windows over SSH, as Open Remote - SSH does it: it reads the SSH configuration itself, connects
 * with its own ssh2 from inside the extension host, logs in, and is asked again after a drop. It installs no server there.
 */

/** As much of the proposed API `resolvers` as is used here. */
interface Resolvers {
  readonly workspace: {
    registerRemoteAuthorityResolver(
      scheme: string,
      resolver: { resolve(authority: string, context: { readonly resolveAttempt: number }): Promise<unknown> },
    ): vscode.Disposable;
  };
  readonly ResolvedAuthority: new (host: string, port: number, connectionToken: string) => object;
  readonly RemoteAuthorityResolverError: {
    NotAvailable(message: string, handled: boolean): Error;
    TemporarilyNotAvailable(message: string): Error;
  };
}

const { workspace, ResolvedAuthority, RemoteAuthorityResolverError } = vscode as unknown as Resolvers;
const CONFIG = join(homedir(), '.ssh', 'config');

const now = () => performance.timeOrigin + performance.now();

/** One line for each thing that happens, for the test to read: `SshEvent` in open-remote-ssh.ts. */
function record(event: string, more: object): void {
  const line = JSON.stringify({ at: now(), event, pid: process.pid, ...more });
  appendFileSync(join(homedir(), 'ssh-events.jsonl'), `${line}\n`);
}

export function activate({ subscriptions }: vscode.ExtensionContext): void {
  const folder = new FolderOverSsh();
  let connection: Client | undefined;

  const resolve = async (authority: string, { resolveAttempt }: { readonly resolveAttempt: number }) => {
    record('resolving', { authority, attempt: resolveAttempt });
    // What is left of the previous connection is of no use.
    connection?.destroy();
    try {
      const destination = parseSshAuthority(authority);
      if (destination === undefined) throw new Error('no host in it');
      const config = hostConfig(CONFIG, destination.host, (command, ms) => record('ran', { command, ms }));
      record('connecting', { authority, attempt: resolveAttempt });
      connection = await logIn(destination, config);
      const said = await runThere(connection, 'echo inside');
      record('logged in', { authority, attempt: resolveAttempt, said });
      folder.use(connection);
      return new ResolvedAuthority('127.0.0.1', 1, 'token');
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      record('failed', { authority, attempt: resolveAttempt, message });
      if (resolveAttempt > 1) throw RemoteAuthorityResolverError.TemporarilyNotAvailable(message);
      vscode.window.showErrorMessage(`Could not establish connection to "${authority}": ${message}`);
      throw RemoteAuthorityResolverError.NotAvailable(message, true);
    }
  };
  subscriptions.push(
    workspace.registerRemoteAuthorityResolver('ssh-remote', { resolve }),
    vscode.workspace.registerFileSystemProvider('rig', folder),
    { dispose: () => connection?.destroy() },
  );
}
