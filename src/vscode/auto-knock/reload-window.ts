import { debug, type Tab, TabInputNotebook, TabInputText, TabInputTextDiff, tasks, window, workspace } from 'vscode';
import type { Clock } from '../../os/clock.ts';
import type { Log } from '../log.ts';
import type { Reconnect } from '../settings.ts';
import type { ReloadOccasion } from './lost-connection.ts';

/** Time in which an attempt that the editor began before the port was open usually logs in. */
const ATTEMPT_MS = 3000;

export interface ReloadIo {
  readonly clock: Clock;
  readonly log: Log;
  readonly reconnect: () => Reconnect;
  /** Whether the open port is that of the window's own host, rather than that of a jump host, which may be back alone. */
  readonly isDirect: () => boolean;
  /** Names something that a reload would lose, for the log; undefined when nothing would be lost. */
  readonly loss: (occasion: ReloadOccasion) => string | undefined;
  /** Asks the server something that it answers whatever the state of the window's folder is. */
  readonly askServer: () => PromiseLike<unknown>;
  readonly reload: () => void;
}

/**
 * Reloads a window whose server can be reached again: it then connects at once, while the editor waits for up to 30 s before
 * its next attempt, or has given up. Gives an attempt that is under way the time to log in first.
 * @param answered aborts when it has
 */
export async function reloadUnlessConnected(
  occasion: ReloadOccasion,
  answered: AbortSignal,
  io: ReloadIo,
): Promise<void> {
  const { clock, log, askServer } = io;
  const reconnect = io.reconnect();
  if (reconnect === 'wait' || (reconnect === 'reloadWhenGivenUp' && occasion !== 'given up')) return;
  if (!io.isDirect()) return log.info('not reloading the window: the host behind the open port may still be away');
  let isConnected = false;
  const noteAnswer = () => {
    isConnected = true;
  };
  askServer().then(noteAnswer, noteAnswer);
  await clock.sleep(ATTEMPT_MS, answered);
  if (answered.aborted) return;
  if (isConnected) return log.info('not reloading the window: the server answers, only the folder does not');
  const loss = io.loss(occasion);
  if (loss !== undefined) return log.info(`not reloading the window: ${loss}`);
  log.info('the server can be reached, and the editor has not connected yet: reloading the window');
  io.reload();
}

/**
 * Names something that a reload of this window would lose. The editor keeps unsaved text and terminals over a reload. It does not
 * keep what an extension on the server would have to save, because the server is lost. After a reload the extensions on the
 * server start anew, with empty notebooks and without tasks; when the editor has given up, the previous ones are out of reach anyway.
 * @returns a name for the log; undefined when nothing would be lost
 */
export function lossByReload(occasion: ReloadOccasion): string | undefined {
  const setting = (name: string) => workspace.getConfiguration().get<unknown>(name);
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  if (debug.activeDebugSession !== undefined) return 'a debug session would end';
  if (occasion === 'waiting') {
    if (tasks.taskExecutions.length > 0) return 'a task is running';
    const notebook = tabs.find(({ input }) => input instanceof TabInputNotebook);
    if (notebook !== undefined) return `the notebook "${notebook.label}" is open, and may be running`;
  }
  if (window.terminals.length > 0 && setting('terminal.integrated.enablePersistentSessions') === false)
    return 'terminals would end, because terminal.integrated.enablePersistentSessions is off';
  const unsaved = tabs.filter(({ isDirty }) => isDirty);
  if (unsaved.length === 0) return undefined;
  if (setting('files.hotExit') === 'off') return 'unsaved text would not be kept, because files.hotExit is off';
  const other = unsaved.find((tab) => textOf(tab) === undefined);
  if (other !== undefined) return `"${other.label}" is unsaved, and is not a text`;
  const hasFile = unsaved.some((tab) => textOf(tab)?.scheme !== 'untitled');
  // The editor would save files first, and saving would wait for the connection.
  if (hasFile && setting('files.autoSave') !== 'off')
    return 'unsaved files would be saved first, because files.autoSave is on';
  return undefined;
}

function textOf({ input }: Tab): { readonly scheme: string } | undefined {
  if (input instanceof TabInputText) return input.uri;
  return input instanceof TabInputTextDiff ? input.modified : undefined;
}
