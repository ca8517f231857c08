import { networkInterfaces } from 'node:os';
import { commands, type Disposable, type Memento, Uri, window, workspace } from 'vscode';
import { formatSshAuthority, parseSshAuthority } from '../../ssh/authority.ts';
import type { SshDestination } from '../../ssh/destination.ts';
import { logProblem } from '../ask/show-problem.ts';
import type { Log } from '../log.ts';
import type { Parts } from '../parts.ts';
import { autoKnockSettings } from '../settings.ts';
import { Heartbeat } from './heartbeat.ts';
import { knockUntilAnswered } from './lost-connection.ts';
import { ReloadNote } from './reload-note.ts';
import { lossByReload, reloadUnlessConnected, tellOfReload } from './reload-window.ts';
import { Reopen } from './reopen.ts';
import { TICK_MS, Watch } from './watch.ts';

/** Milliseconds between an answer of the connection and the next question: where a person waits, and elsewhere. */
const BEAT_MS = { focused: 3000, elsewhere: 10_000 };

/**
 * Keeps the port of this window's host open whenever its connection may have to be made anew.
 * @param state state of this window's workspace, which outlives a reload
 */
export function knockWhileOpen(
  parts: Parts,
  destination: SshDestination,
  state: Pick<Memento, 'get' | 'update'>,
): Disposable {
  const reopen = new Reopen({ ...parts, door: parts.windowDoor });
  const watch = new Watch({
    wallMs: () => parts.clock.wallMs(),
    interfaces: networkInterfaces,
    settings: autoKnockSettings,
    notice: (occasion) => reopen.want(occasion),
  });
  const timer = setInterval(() => watch.tick(), TICK_MS);
  const focus = window.onDidChangeWindowState(({ focused }) => watch.focus(focused));
  const note = new ReloadNote(state);
  const heartbeat = heartbeatOf(parts, destination, note);
  for (const running of [heartbeat.run(), tellOfReload(note, destination.host)])
    running.catch((error) => {
      logProblem(error, parts.log);
    });
  return {
    dispose: () => {
      clearInterval(timer);
      focus.dispose();
      reopen.dispose();
      heartbeat.dispose();
    },
  };
}

/** Heartbeat of the window's connection: it looks at the folder of the window, which is on the other side. */
function heartbeatOf(parts: Parts, destination: SshDestination, note: ReloadNote): Heartbeat {
  const isWanted = () => {
    const { enabled, onLostConnection } = autoKnockSettings();
    return enabled && onLostConnection && parts.windowDoor() !== undefined;
  };
  const there = folderOver(destination);
  const reload = {
    ...parts,
    reconnect: () => autoKnockSettings().reconnect,
    isDirect: () => parts.doors.isDirect(destination.host),
    host: destination.host,
    loss: lossByReload,
    note,
    askServer: () => workspace.fs.stat(there.with({ path: '/' })),
    reload: () => run('workbench.action.reloadWindow', parts.log),
  };
  return new Heartbeat({
    clock: parts.clock,
    ask: () => workspace.fs.stat(there),
    pauseMs: () => (window.state.focused ? BEAT_MS.focused : BEAT_MS.elsewhere),
    isWanted,
    lost: (answered, answeredForMs) => {
      note.clearAfter(answeredForMs).catch((error) => {
        logProblem(error, parts.log);
      });
      return knockUntilAnswered(answered, {
        ...parts,
        door: parts.windowDoor,
        isWanted,
        connectAgain: () => run('workbench.action.triggerReconnect', parts.log),
        reload: (occasion, signal) => reloadUnlessConnected(occasion, signal, reload),
      });
    },
  });
}

/**
 * Runs a command of the editor. Trigger Reconnect begins the attempts that the editor makes 20 s after the last word of a
 * connection, the first one at once. Only a reload shortens the waits between those attempts.
 */
function run(command: string, log: Log): void {
  commands.executeCommand(command).then(undefined, (error) => {
    log.warn(`this editor did not run ${command}: ${error}`);
  });
}

/** Folder that can be read only over the connection: the window's own, or the root of an empty window's host. */
function folderOver(destination: SshDestination): Uri {
  const own = workspace.workspaceFolders?.find(({ uri }) => parseSshAuthority(uri.authority) !== undefined);
  return own?.uri ?? Uri.from({ scheme: 'vscode-remote', authority: formatSshAuthority(destination), path: '/' });
}
