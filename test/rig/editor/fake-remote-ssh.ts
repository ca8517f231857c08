import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';
import type { MadeUpExtension } from './vsix.ts';

/** File in which the two extensions note events, in the home that they run in. */
const EVENTS = 'events.jsonl';

/** Something that happened in a window; `at` is unix milliseconds, with a fraction. */
export interface WindowEvent {
  at: number;
  /** `asked`: the editor wants to connect; `resolving`: Remote - SSH's turn; `connected` or `refused`: its TCP connection. */
  event: 'asked' | 'resolving' | 'connected' | 'refused';
  /** Process of the window. */
  pid: number;
  authority: string;
  greeting?: string;
}

const RECORD = `
  const vscode = require('vscode');
  const { appendFileSync } = require('node:fs');
  const { join } = require('node:path');
  const now = () => performance.timeOrigin + performance.now();
  const record = (event, authority, more) => {
    const line = JSON.stringify({ at: now(), event, pid: process.pid, authority, ...more });
    appendFileSync(join(require('node:os').homedir(), '${EVENTS}'), line + '\\n');
  };`;

/**
 * Extension with the name of Remote - SSH, which resolves as the real one would: when the editor asks, it connects to the host's
 * port, waiting for as long as ssh does, and reads sshd's greeting.
 */
export function fakeRemoteSsh(address: string): MadeUpExtension {
  return {
    publisher: 'ms-vscode-remote',
    name: 'remote-ssh',
    manifest: {
      activationEvents: ['onResolveRemoteAuthority:ssh-remote'],
      enabledApiProposals: ['resolvers'],
      extensionKind: ['ui'],
    },
    main: `${RECORD}
      const resolveExecServer = (authority) => {
        record('resolving', authority);
        return new Promise((resolve) => {
          const socket = require('node:net').connect({ host: '${address}', port: 22, timeout: 1500 });
          const end = (event, more) => {
            socket.destroy();
            record(event, authority, more);
            resolve(undefined);
          };
          socket.once('data', (data) => end('connected', { greeting: data.toString('latin1').trim() }));
          socket.once('error', () => end('refused'));
          socket.once('timeout', () => end('refused'));
        });
      };
      exports.activate = () => {
        vscode.workspace.registerRemoteAuthorityResolver('ssh-remote', { resolve() {}, resolveExecServer });
      };`,
  };
}

/**
 * Extension that makes the editor ask for the resolver of the authority that the window's folder names, before anything else, as it
 * does for a remote window. In this editor a remote window's authority is the server's; the way from the question to the resolver
 * is the same function: activate who wants to know, wait for them, run the resolver.
 */
export const ASKS_FOR_RESOLVER: MadeUpExtension = {
  publisher: 'rig',
  name: 'asks-for-resolver',
  manifest: { activationEvents: ['*'], enabledApiProposals: ['resolvers'], extensionKind: ['ui'] },
  main: `${RECORD}
    exports.activate = () => {
      const authority = vscode.workspace.workspaceFolders?.[0]?.uri.authority ?? '';
      if (!authority.startsWith('ssh-remote+')) return;
      record('asked', authority);
      vscode.workspace.getRemoteExecServer(authority);
    };`,
};

/** Events that the two have written down so far. */
export function windowEvents(home: Home): WindowEvent[] {
  try {
    const lines = readFileSync(join(home.folder, EVENTS), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as WindowEvent);
  } catch {
    // Nothing has happened yet.
    return [];
  }
}
