import { beforeEach, describe, expect, it } from 'vitest';
import { lossByReload, reloadUnlessConnected } from '../../../../src/vscode/auto-knock/reload-window.ts';
import type { Log } from '../../../../src/vscode/log.ts';
import { configuration, debug, resetEditor, TabInputText, TabInputTextDiff, window } from '../../../rig/fake-vscode.ts';
import { FakeClock } from '../../client/support.ts';

/** A window that its owner wants to be reloaded, with a server that does not answer. */
function lostWindow(changes: { isWanted?: boolean; loss?: string; answers?: boolean } = {}) {
  const { isWanted = true, loss, answers = false } = changes;
  const clock = new FakeClock();
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell };
  const reloadedAtMs: number[] = [];
  const answered = new AbortController();
  const askServer = () => (answers ? Promise.reject(new Error('no such folder')) : new Promise<void>(() => {}));
  const reload = () => void reloadedAtMs.push(clock.monotonicMs());
  const io = { clock, log, isWanted: () => isWanted, loss: () => loss, askServer, reload };
  const done = reloadUnlessConnected(answered.signal, io);
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
    ['nobody wants that', { isWanted: false }, []],
    ['something would be lost', { loss: 'a debug session would end' }, [/a debug session would end$/]],
    ['the server answers, and the folder alone does not', { answers: true }, [/the server answers/]],
  ])('is not reloaded when %s', async (_, changes, lines) => {
    const { clock, done, told, reloadedAtMs } = lostWindow(changes);
    await clock.run(done);
    expect(reloadedAtMs).toEqual([]);
    expect(told).toEqual(lines.map((line) => expect.stringMatching(line)));
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
    expect(lossByReload()).toBeUndefined();
  });

  it('is nothing where unsaved work is text, in a file or in none, since the editor keeps that', () => {
    configuration.set('files.autoSave', 'off');
    open(unsaved(FILE), unsaved(UNTITLED), unsaved(new TabInputTextDiff({ scheme: 'vscode-remote' })));
    expect(lossByReload()).toBeUndefined();
  });

  it('is text where the editor does not keep it', () => {
    configuration.set('files.autoSave', 'off');
    configuration.set('files.hotExit', 'off');
    open(unsaved(UNTITLED));
    expect(lossByReload()).toMatch(/files.hotExit is off/);
  });

  it('is a file that the editor would save before, over the lost connection; a text without a file is not saved', () => {
    configuration.set('files.autoSave', 'afterDelay');
    open(unsaved(UNTITLED));
    expect(lossByReload()).toBeUndefined();
    open(unsaved(UNTITLED), unsaved(FILE));
    expect(lossByReload()).toMatch(/files.autoSave is on/);
  });

  it('is unsaved work that only an extension can write down, such as a notebook', () => {
    configuration.set('files.autoSave', 'off');
    open(unsaved(FILE), unsaved({ notebookType: 'jupyter-notebook' }));
    expect(lossByReload()).toBe('"a tab" is unsaved, and is not a text');
  });

  it('is a debug session', () => {
    debug.activeDebugSession = {};
    expect(lossByReload()).toMatch(/debug session/);
  });

  it('is terminals that the editor does not keep', () => {
    window.terminals = [{}];
    expect(lossByReload()).toBeUndefined();
    configuration.set('terminal.integrated.enablePersistentSessions', false);
    expect(lossByReload()).toMatch(/terminals would end/);
  });
});
