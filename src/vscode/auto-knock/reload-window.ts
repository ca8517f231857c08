import {
  commands,
  debug,
  l10n,
  type Tab,
  TabInputNotebook,
  TabInputText,
  TabInputTextDiff,
  type Terminal,
  tasks,
  window,
  workspace,
} from 'vscode';
import type { Clock } from '../../os/clock.ts';
import { tell, warn } from '../ask/tell.ts';
import type { Log } from '../log.ts';
import type { Reconnect } from '../settings.ts';
import { AwakeTime } from './awake-time.ts';
import type { ReloadOccasion } from './lost-connection.ts';
import type { ReloadNote } from './reload-note.ts';

/** Time in which an attempt that the editor began before the port was open usually logs in. */
const ATTEMPT_MS = 2000;
/** Time in which the editor writes changed state to its disk; it takes about a fifth of that. */
const STATE_WRITTEN_MS = 500;
/** Time in which a connection that is sound has answered, once somebody asks for a reload. */
const SOUND_ANSWER_MS = 1000;

export interface ReloadIo {
  readonly clock: Clock;
  readonly log: Log;
  readonly reconnect: () => Reconnect;
  /** Whether the open port is that of the window's own host, rather than that of a jump host, which may be back alone. */
  readonly isDirect: () => boolean;
  /** Name of the window's host, for people. */
  readonly host: string;
  /** Says what a reload would lose; undefined when nothing is known. */
  readonly loss: () => string | undefined;
  /** Note of a reload, which outlives it. */
  readonly note: Pick<ReloadNote, 'isSet' | 'set'>;
  /** Asks the server something that it answers whatever the state of the window's folder is. */
  readonly askServer: () => PromiseLike<unknown>;
  readonly reload: () => void;
}

/**
 * Reloads a window whose server can be reached again: it then connects at once, while the editor waits for up to 30 s before
 * its next attempt, or has given up. Gives an attempt that is under way the time to log in first.
 *
 * That the editor has given up is a guess. So where a reload would lose work, or may be one of many, the person is asked instead.
 * @param answered aborts when it has
 */
export async function reloadUnlessConnected(
  occasion: ReloadOccasion,
  answered: AbortSignal,
  io: ReloadIo,
): Promise<void> {
  const { clock, log, note } = io;
  const reconnect = io.reconnect();
  if (reconnect === 'wait' || (reconnect === 'reloadWhenGivenUp' && occasion !== 'given up')) return;
  if (!io.isDirect()) return log.info('not reloading the window: the host behind the open port may still be away');
  const awake = new AwakeTime(clock);
  const doesServerAnswer = await answersWithin(ATTEMPT_MS, io, answered);
  if (answered.aborted) return;
  if (awake.look()) return log.info('not reloading the window: the computer slept meanwhile');
  if (doesServerAnswer) return log.info('not reloading the window: the server answers, only the folder does not');
  const reason = io.loss() ?? (note.isSet() ? l10n.t('the connection was lost again soon after a reload') : undefined);
  if (reason !== undefined) {
    log.info(`not reloading the window: ${reason}`);
    // Otherwise the editor is about to connect by itself.
    if (occasion === 'given up') offerReload(reason, io);
    return;
  }
  try {
    await note.set();
  } catch (error) {
    return log.warn(`not reloading the window, because the editor did not keep a note of it: ${error}`);
  }
  await clock.sleep(STATE_WRITTEN_MS, answered);
  if (answered.aborted) return;
  if (awake.look() || io.loss() !== undefined)
    return log.info('not reloading the window: work began, or the computer slept');
  log.info('the server can be reached, and the editor has not connected yet: reloading the window');
  io.reload();
}

/** Tells the person of a window that Knockgate has reloaded why it did. */
export async function tellOfReload(note: Pick<ReloadNote, 'isNews'>, host: string): Promise<void> {
  if (!(await note.isNews())) return;
  const openSetting = () => commands.executeCommand('workbench.action.openSettings', 'knockgate.autoKnock.reconnect');
  tell(l10n.t('{0} was away, so Knockgate reloaded this window to connect again.', host), {
    title: l10n.t('Change Setting'),
    run: openSetting,
  });
}

/** Offers a reload to the person, who may press the button long after the connection is back. */
function offerReload(reason: string, io: ReloadIo): void {
  const reload = async () => {
    if (!(await answersWithin(SOUND_ANSWER_MS, io))) return io.reload();
    tell(l10n.t('This window is connected to {0} again, so it was not reloaded.', io.host));
  };
  const text = l10n.t(
    'The port of {0} is open again, but this window has not connected. Knockgate did not reload it: {1}.',
    io.host,
    reason,
  );
  warn(text, { title: l10n.t('Reload Window'), run: reload });
}

async function answersWithin(ms: number, { clock, askServer }: ReloadIo, signal?: AbortSignal): Promise<boolean> {
  let hasAnswered = false;
  const noteAnswer = () => {
    hasAnswered = true;
  };
  askServer().then(noteAnswer, noteAnswer);
  await clock.sleep(ms, signal);
  return hasAnswered;
}

/**
 * Says what a reload of this window would lose. The editor keeps unsaved text and terminals over a reload. It does not keep what
 * an extension on the server would have to save, because the server is lost. After a reload the extensions on the server start
 * anew, with empty notebooks and without tasks. Work that an extension does not tell the editor about is not seen here.
 */
export function lossByReload(): string | undefined {
  const setting = (name: string) => workspace.getConfiguration().get<unknown>(name);
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  if (debug.activeDebugSession !== undefined) return l10n.t('a debug session is running');
  if (tasks.taskExecutions.length > 0) return l10n.t('a task is running');
  // An interactive window is a notebook without a tab of that kind. A notebook that was not looked at yet is a tab alone.
  if (workspace.notebookDocuments.length > 0 || tabs.some(({ input }) => input instanceof TabInputNotebook))
    return l10n.t('a notebook is open, and may be running');
  if (window.terminals.length > 0 && setting('terminal.integrated.enablePersistentSessions') === false)
    return l10n.t('terminals would end, because {0} is off', 'terminal.integrated.enablePersistentSessions');
  const passing = window.terminals.find(endsWithWindow);
  if (passing !== undefined) return l10n.t('the terminal "{0}" would end', passing.name);
  const unsaved = tabs.filter(({ isDirty }) => isDirty);
  if (unsaved.length === 0) return undefined;
  if (setting('files.hotExit') === 'off')
    return l10n.t('unsaved text would not be kept, because {0} is off', 'files.hotExit');
  const other = unsaved.find((tab) => textOf(tab) === undefined);
  if (other !== undefined) return l10n.t('"{0}" is unsaved, and is not text', other.label);
  const hasFile = unsaved.some((tab) => textOf(tab)?.scheme !== 'untitled');
  // The editor would save files first, and saving would wait for the connection.
  if (hasFile && setting('files.autoSave') !== 'off')
    return l10n.t('unsaved files would be saved first, because {0} is on', 'files.autoSave');
  return undefined;
}

/** Whether the editor does not keep a terminal over a reload: an extension plays it, or has asked for that. */
function endsWithWindow({ creationOptions }: Terminal): boolean {
  return 'pty' in creationOptions || creationOptions.isTransient === true;
}

function textOf({ input }: Tab): { readonly scheme: string } | undefined {
  if (input instanceof TabInputText) return input.uri;
  return input instanceof TabInputTextDiff ? input.modified : undefined;
}
