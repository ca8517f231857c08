import { beforeEach, describe, expect, it } from 'vitest';
import type { ReloadOccasion } from '../../../../src/vscode/auto-knock/lost-connection.ts';
import { lossByReload, reloadUnlessConnected } from '../../../../src/vscode/auto-knock/reload-window.ts';
import type { Log } from '../../../../src/vscode/log.ts';
import { autoKnockSettings, type Reconnect } from '../../../../src/vscode/settings.ts';
import {
  configuration,
  debug,
  resetEditor,
  TabInputNotebook,
  TabInputText,
  TabInputTextDiff,
  tasks,
  window,
} from '../../../rig/fake-vscode.ts';
import { FakeClock } from '../../client/support.ts';

interface Changes {
  reconnect?: Reconnect;
  occasion?: ReloadOccasion;
  isDirect?: boolean;
  loss?: string;
  answers?: boolean;
}

/** A window whose server does not answer, while the editor waits before its next attempt. Its owner wants it to be reloaded. */
function lostWindow(changes: Changes = {}) {
  const { reconnect = 'reload', occasion = 'waiting', isDirect = true, loss, answers = false } = changes;
  const clock = new FakeClock();
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell };
  const reloadedAtMs: number[] = [];
  const answered = new AbortController();
  const askServer = () => (answers ? Promise.reject(new Error('no such folder')) : new Promise<void>(() => {}));
  const reload = () => void reloadedAtMs.push(clock.monotonicMs());
  const io = { clock, log, reconnect: () => reconnect, isDirect: () => isDirect, loss: () => loss, askServer, reload };
  const done = reloadUnlessConnected(occasion, answered.signal, io);
  return { clock, told, reloadedAtMs, answered, done };
}

describe('a window that was disconnected for long', () => {
  it('is reloaded when an attempt of the editor has had three seconds', async () => {
    const { clock, done, reloadedAtMs } = lostWindow();
    await clock.run(done);
    expect(reloadedAtMs).toEqual([3000]);
  });

  it('is not reloaded when the editor connects meanwhile', async () => {
    const { clock, done, answered, reloadedAtMs } = lostWindow();
    await clock.run(clock.sleep(1000));
    answered.abort();
    await clock.run(done);
    expect(reloadedAtMs).toEqual([]);
  });

  it.each([
    ['its host is behind another', { isDirect: false }, [/may still be away$/]],
    ['something would be lost', { loss: 'a debug session would end' }, [/a debug session would end$/]],
    ['the server answers, and the folder alone does not', { answers: true }, [/the server answers/]],
  ])('is not reloaded when %s', async (_, changes, lines) => {
    const { clock, done, told, reloadedAtMs } = lostWindow(changes);
    await clock.run(done);
    expect(reloadedAtMs).toEqual([]);
    expect(told).toEqual(lines.map((line) => expect.stringMatching(line)));
  });
});

describe('the setting that decides about a reload', () => {
  beforeEach(resetEditor);

  it.each([
    ['wait', { waiting: false, 'given up': false }],
    [undefined, { waiting: false, 'given up': true }],
    ['nonsense', { waiting: false, 'given up': true }],
    ['reload', { waiting: true, 'given up': true }],
  ])('%s', async (value, reloads) => {
    configuration.set('knockgate.autoKnock.reconnect', value);
    const { reconnect } = autoKnockSettings();
    for (const occasion of ['waiting', 'given up'] as const) {
      const { clock, done, reloadedAtMs } = lostWindow({ reconnect, occasion });
      await clock.run(done);
      expect(reloadedAtMs).toHaveLength(reloads[occasion] ? 1 : 0);
    }
  });
});

/** A tab with something in it that was changed and not saved. */
const unsaved = (input: unknown) => ({ isDirty: true, label: 'a tab', input });
const FILE = new TabInputText({ scheme: 'vscode-remote' });
const UNTITLED = new TabInputText({ scheme: 'untitled' });

describe('what a reload would lose', () => {
  beforeEach(resetEditor);
  const open = (...tabs: unknown[]) => {
    window.tabGroups.all = [{ tabs }];
  };

  it('is nothing in a window without unsaved work', () => {
    configuration.set('files.hotExit', 'off');
    configuration.set('files.autoSave', 'afterDelay');
    open({ isDirty: false, label: 'a notebook', input: {} });
    expect(lossByReload('waiting')).toBeUndefined();
  });

  it('is nothing where unsaved work is text, in a file or in none, since the editor keeps that', () => {
    configuration.set('files.autoSave', 'off');
    open(unsaved(FILE), unsaved(UNTITLED), unsaved(new TabInputTextDiff({ scheme: 'vscode-remote' })));
    expect(lossByReload('waiting')).toBeUndefined();
  });

  it('is text where the editor does not keep it', () => {
    configuration.set('files.autoSave', 'off');
    configuration.set('files.hotExit', 'off');
    open(unsaved(UNTITLED));
    expect(lossByReload('waiting')).toMatch(/files.hotExit is off/);
  });

  it('is a file that the editor would save before, over the lost connection; a text without a file is not saved', () => {
    configuration.set('files.autoSave', 'afterDelay');
    open(unsaved(UNTITLED));
    expect(lossByReload('waiting')).toBeUndefined();
    open(unsaved(UNTITLED), unsaved(FILE));
    expect(lossByReload('waiting')).toMatch(/files.autoSave is on/);
  });

  it('is unsaved work that only an extension can write down, such as a notebook', () => {
    configuration.set('files.autoSave', 'off');
    open(unsaved(FILE), unsaved({ notebookType: 'jupyter-notebook' }));
    expect(lossByReload('waiting')).toBe('"a tab" is unsaved, and is not a text');
  });

  it('is a debug session', () => {
    debug.activeDebugSession = {};
    expect(lossByReload('waiting')).toMatch(/debug session/);
  });

  it('is a task and a notebook, unless the editor has given up the connection that they need', () => {
    tasks.taskExecutions = [{}];
    expect(lossByReload('waiting')).toBe('a task is running');
    expect(lossByReload('given up')).toBeUndefined();
    tasks.taskExecutions = [];
    open({ isDirty: false, label: 'model.ipynb', input: new TabInputNotebook('jupyter-notebook') });
    expect(lossByReload('waiting')).toBe('the notebook "model.ipynb" is open, and may be running');
    expect(lossByReload('given up')).toBeUndefined();
  });

  it('is terminals that the editor does not keep', () => {
    window.terminals = [{}];
    expect(lossByReload('waiting')).toBeUndefined();
    configuration.set('terminal.integrated.enablePersistentSessions', false);
    expect(lossByReload('waiting')).toMatch(/terminals would end/);
  });
});
