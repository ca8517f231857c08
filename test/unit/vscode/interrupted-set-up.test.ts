import { beforeEach, describe, expect, it } from 'vitest';
import { noteSetUp, tellOfInterruptedSetUp } from '../../../src/vscode/interrupted-set-up.ts';
import { messages } from './editor.ts';
import { answers, executed, resetEditor } from './fake-vscode.ts';
import { FakeLog, FakeMemento } from './support.ts';

beforeEach(resetEditor);

/** More than a process number can be on Linux. */
const NOBODY = 2 ** 22 + 1;
const NOTE = { destination: 'root@192.0.2.2', name: '192.0.2.2', progress: 'untouched', pid: NOBODY } as const;

describe('a set-up whose window was closed', () => {
  it.each([
    ['untouched', 'information', /Nothing was changed there/],
    ['being-changed', 'warning', /none of them hides a port/],
    ['on-trial', 'warning', /ends the trial by itself/],
    ['being-confirmed', 'warning', /Either it stays/],
  ] as const)('%s is told of once, in the next window', async (progress, kind, says) => {
    const globalState = new FakeMemento();
    await noteSetUp(globalState, { ...NOTE, progress });
    answers.push('Set Up Again');
    for (let windows = 0; windows < 2; windows++) await tellOfInterruptedSetUp({ globalState, log: new FakeLog() });
    expect(messages(kind)).toEqual([expect.stringMatching(says)]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(executed).toEqual([{ command: 'knockgate.setUpGate', args: ['root@192.0.2.2'] }]);
  });

  it('is not told of while another window runs it, or when it has ended', async () => {
    const globalState = new FakeMemento();
    await noteSetUp(globalState, { ...NOTE, pid: process.pid });
    await tellOfInterruptedSetUp({ globalState, log: new FakeLog() });
    await noteSetUp(globalState, undefined);
    await tellOfInterruptedSetUp({ globalState, log: new FakeLog() });
    expect([messages('information'), messages('warning')]).toEqual([[], []]);
  });
});
