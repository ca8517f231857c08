import { beforeEach, describe, expect, it } from 'vitest';
import { Heartbeat } from '../../../../src/vscode/auto-knock/heartbeat.ts';
import { knockUntilAnswered, type ReloadOccasion } from '../../../../src/vscode/auto-knock/lost-connection.ts';
import { ReloadNote } from '../../../../src/vscode/auto-knock/reload-note.ts';
import { lossByReload, reloadUnlessConnected, tellOfReload } from '../../../../src/vscode/auto-knock/reload-window.ts';
import type { Log } from '../../../../src/vscode/log.ts';
import { autoKnockSettings, type Reconnect } from '../../../../src/vscode/settings.ts';
import {
  answers,
  configuration,
  debug,
  resetEditor,
  shown,
  TabInputNotebook,
  TabInputText,
  TabInputTextDiff,
  tasks,
  window,
  workspace,
} from '../../../rig/fake-vscode.ts';
import { FakeClock } from '../../client/support.ts';
import { DOOR } from '../support.ts';

interface Changes {
  reconnect?: Reconnect;
  occasion?: ReloadOccasion;
  isDirect?: boolean;
  loss?: string;
  answers?: boolean;
  note?: { isSet: () => boolean; set: () => Promise<void> };
}

/** Note of a reload, which outlives the windows that share it. */
function keptNote(isSet = false): ReloadNote {
  const state = new Map<string, unknown>([['knockgate.windowWasReloaded', isSet ? 'told' : undefined]]);
  const update = async (key: string, value: unknown) => void state.set(key, value);
  return new ReloadNote({ get: (key: string) => state.get(key), update } as ConstructorParameters<
    typeof ReloadNote
  >[0]);
}

/** A window whose server does not answer, while the editor waits before its next attempt. Its owner wants it to be reloaded. */
function lostWindow(changes: Changes = {}) {
  const { reconnect = 'reload', occasion = 'waiting', isDirect = true, loss, note = keptNote() } = changes;
  const clock = new FakeClock();
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell };
  const reloadedAtMs: number[] = [];
  const answered = new AbortController();
  const world = { answers: changes.answers ?? false, loss };
  const askServer = () => (world.answers ? Promise.reject(new Error('no such folder')) : new Promise<void>(() => {}));
  const reload = () => void reloadedAtMs.push(clock.monotonicMs());
  const settings = { reconnect: () => reconnect, isDirect: () => isDirect, host: 'prod' };
  const io = { clock, log, ...settings, loss: () => world.loss, note, askServer, reload };
  const done = reloadUnlessConnected(occasion, answered.signal, io);
  return { clock, world, told, reloadedAtMs, answered, done };
}

describe('a window that was disconnected for long', () => {
  beforeEach(resetEditor);

  it('is reloaded when an attempt of the editor has had two seconds, and the note of it is written', async () => {
    const note = keptNote();
    const { clock, done, reloadedAtMs } = lostWindow({ note });
    await clock.run(clock.sleep(2200));
    expect([note.isSet(), reloadedAtMs]).toEqual([true, []]);
    await clock.run(done);
    expect(reloadedAtMs).toEqual([2500]);
  });

  it.each([1000, 2200])('is not reloaded when the editor connects after %i ms', async (ms) => {
    const { clock, done, answered, reloadedAtMs } = lostWindow();
    await clock.run(clock.sleep(ms));
    answered.abort();
    await clock.run(done);
    expect(reloadedAtMs).toEqual([]);
  });

  it('is not reloaded when a task begins meanwhile', async () => {
    const { clock, done, world, reloadedAtMs } = lostWindow();
    await clock.run(clock.sleep(2200));
    world.loss = 'a task is running';
    await clock.run(done);
    expect(reloadedAtMs).toEqual([]);
  });

  it.each([1000, 2200])('is not reloaded when the computer sleeps after %i ms', async (ms) => {
    const { clock, done, reloadedAtMs } = lostWindow();
    await clock.run(clock.sleep(ms));
    clock.fallAsleep(60_000);
    await clock.run(done);
    expect(reloadedAtMs).toEqual([]);
  });

  it('is not reloaded when the editor cannot keep a note of it', async () => {
    const set = () => Promise.reject(new Error('disk full'));
    const { clock, done, told, reloadedAtMs } = lostWindow({ note: { isSet: () => false, set } });
    await clock.run(done);
    expect(reloadedAtMs).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/disk full/)]);
  });

  it.each([
    ['its host is behind another', { isDirect: false }, [/may still be away$/]],
    ['something would be lost', { loss: 'a debug session is running' }, [/a debug session is running$/]],
    ['the connection was lost again soon after a reload', { note: keptNote(true) }, [/soon after a reload$/]],
    ['the server answers, and the folder alone does not', { answers: true }, [/the server answers/]],
  ])('is not reloaded when %s', async (_, changes, lines) => {
    const { clock, done, told, reloadedAtMs } = lostWindow(changes);
    await clock.run(done);
    expect(reloadedAtMs).toEqual([]);
    expect(told).toEqual(lines.map((line) => expect.stringMatching(line)));
    // The editor is about to connect by itself.
    expect(shown).toEqual([]);
  });
});

describe('a window that the editor has probably given up', () => {
  beforeEach(resetEditor);
  const RISKS: [string, Changes][] = [
    ['a task is running', { loss: 'a task is running' }],
    ['the connection was lost again soon after a reload', { note: keptNote(true) }],
  ];

  it.each(RISKS)('is not reloaded but offered to be: %s', async (reason, changes) => {
    const { clock, done, reloadedAtMs } = lostWindow({ ...changes, occasion: 'given up' });
    await clock.run(done);
    await clock.run(clock.sleep(60_000));
    expect(reloadedAtMs).toEqual([]);
    const message = `The port of prod is open again, but this window has not connected. Knockgate did not reload it: ${reason}.`;
    expect(shown).toEqual([{ kind: 'warning', message, items: ['Reload Window'] }]);
  });

  it.each(RISKS)('is reloaded when the person asks for that, though %s', async (_, changes) => {
    answers.push('Reload Window');
    const { clock, done, reloadedAtMs } = lostWindow({ ...changes, occasion: 'given up' });
    await clock.run(done);
    await clock.run(clock.sleep(2000));
    expect(reloadedAtMs).toHaveLength(1);
  });

  it('is not reloaded by a button that is pressed when the connection is back', async () => {
    let press = (_: string) => {};
    const pressed = new Promise<string>((resolve) => {
      press = resolve;
    });
    answers.push(() => pressed);
    const { clock, done, world, reloadedAtMs } = lostWindow({ loss: 'a task is running', occasion: 'given up' });
    await clock.run(done);
    world.answers = true;
    press('Reload Window');
    await clock.run(clock.sleep(60_000));
    expect(reloadedAtMs).toEqual([]);
    expect(shown.at(-1)?.message).toBe('This window is connected to prod again, so it was not reloaded.');
  });
});

/**
 * A window to a server that answers for a time after each login and is silent then, with its port open. Each reload makes another
 * window.
 * @returns number of reloads within three hours
 */
async function reloadsWhenSilentAfter(answersForMs: number): Promise<number> {
  const clock = new FakeClock();
  const ignore = () => {};
  const log: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const note = keptNote();
  const states = { get: () => ({ kind: 'closed' as const }) };
  const knocker = { knock: async () => undefined as never };
  let reloads = 0;
  const openWindow = () => {
    const openedMs = clock.monotonicMs();
    const reload = () => {
      reloads += 1;
      heartbeat.dispose();
      openWindow();
    };
    const settings = { reconnect: () => 'reload' as const, isDirect: () => true, host: 'prod' };
    const askServer = () => new Promise<void>(() => {});
    const io = { clock, log, ...settings, loss: () => undefined, note, askServer, reload };
    const heartbeat = new Heartbeat({
      clock,
      ask: () => (clock.monotonicMs() - openedMs <= answersForMs ? Promise.resolve() : new Promise(() => {})),
      pauseMs: () => 3000,
      isWanted: () => true,
      lost: async (answered, answeredForMs) => {
        await note.clearAfter(answeredForMs);
        const common = { clock, log, states, knocker, door: () => DOOR, isWanted: () => true, connectAgain: ignore };
        const reloadOn = (occasion: ReloadOccasion, signal: AbortSignal) => reloadUnlessConnected(occasion, signal, io);
        await knockUntilAnswered(answered, { ...common, reload: reloadOn });
      },
    });
    heartbeat.run().catch(ignore);
  };
  openWindow();
  await clock.run(clock.sleep(180 * 60_000));
  return reloads;
}

describe('a server that keeps its port open and is silent after each login', () => {
  beforeEach(resetEditor);

  it.each([0, 60_000, 9 * 60_000])('has the window reloaded once when it answers for %i ms', async (answersForMs) => {
    expect(await reloadsWhenSilentAfter(answersForMs)).toBe(1);
  });

  it('has it reloaded again when it answered for more than ten minutes', async () => {
    expect(await reloadsWhenSilentAfter(60 * 60_000)).toBe(2);
  });
});

describe('a window that was reloaded', () => {
  beforeEach(resetEditor);

  it('says why, once, and leads to the setting', async () => {
    const note = keptNote();
    await tellOfReload(note, 'prod');
    expect(shown).toEqual([]);
    await note.set();
    await tellOfReload(note, 'prod');
    await tellOfReload(note, 'prod');
    const message = 'prod was away, so Knockgate reloaded this window to connect again.';
    expect(shown).toEqual([{ kind: 'information', message, items: ['Change Setting'] }]);
    expect(note.isSet()).toBe(true);
  });
});

describe('the setting that decides about a reload', () => {
  beforeEach(resetEditor);

  it.each([
    ['wait', { waiting: false, 'given up': false }],
    ['reloadWhenGivenUp', { waiting: false, 'given up': true }],
    [undefined, { waiting: true, 'given up': true }],
    ['nonsense', { waiting: true, 'given up': true }],
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
    expect(lossByReload()).toBe('"a tab" is unsaved, and is not text');
  });

  it('is a debug session', () => {
    debug.activeDebugSession = {};
    expect(lossByReload()).toMatch(/debug session/);
  });

  it('is a task', () => {
    tasks.taskExecutions = [{}];
    expect(lossByReload()).toBe('a task is running');
  });

  it('is a notebook in a tab, and one that has no tab of its own kind', () => {
    open({ isDirty: false, label: 'model.ipynb', input: new TabInputNotebook('jupyter-notebook') });
    expect(lossByReload()).toBe('a notebook is open, and may be running');
    open();
    expect(lossByReload()).toBeUndefined();
    workspace.notebookDocuments = [{}];
    expect(lossByReload()).toBe('a notebook is open, and may be running');
  });

  it('is terminals that the editor does not keep', () => {
    window.terminals = [{ name: 'bash', creationOptions: {} }];
    expect(lossByReload()).toBeUndefined();
    configuration.set('terminal.integrated.enablePersistentSessions', false);
    expect(lossByReload()).toMatch(/terminals would end/);
  });

  it.each([{ pty: {} }, { isTransient: true }])(
    'is a terminal with %j, which ends with the window',
    (creationOptions) => {
      window.terminals = [
        { name: 'bash', creationOptions: {} },
        { name: 'build', creationOptions },
      ];
      expect(lossByReload()).toBe('the terminal "build" would end');
    },
  );
});
