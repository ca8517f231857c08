import { beforeEach, describe, expect, it, vi } from 'vitest';
import { loadCommands } from '../../../../src/vscode/register-commands.ts';
import { tellOfInterruptedSetUp } from '../../../../src/vscode/set-up/interrupted-set-up.ts';
import { noteSetUp } from '../../../../src/vscode/set-up/set-up-note.ts';
import { answers, executed, resetEditor } from '../../../rig/fake-vscode.ts';
import { FakeClock } from '../../client/support.ts';
import { FakeContext, messages, start } from '../editor.ts';
import { FakeLog, FakeMemento } from '../support.ts';

beforeEach(resetEditor);

/** More than a process number can be on Linux. */
const NOBODY = 2 ** 22 + 1;

const partsWith = (globalState: FakeMemento) => ({ globalState, log: new FakeLog(), clock: new FakeClock() });
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
    for (let windows = 0; windows < 2; windows++) await tellOfInterruptedSetUp(partsWith(globalState));
    expect(messages(kind)).toEqual([expect.stringMatching(says)]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(executed).toEqual([{ command: 'knockgate.setUpGate', args: ['root@192.0.2.2'] }]);
  });

  it('is told of by the extension that starts in the next window', async () => {
    await loadCommands();
    const context = new FakeContext();
    await noteSetUp(context.globalState, NOTE);
    await start(context);
    const told = () => expect(messages('information')).toEqual([expect.stringMatching(/Nothing was changed there/)]);
    await vi.waitFor(told, 20_000);
  });

  it('is told of when the extension host of the previous window has ended, which takes its time', async () => {
    const globalState = new FakeMemento();
    await noteSetUp(globalState, NOTE);
    const parts = partsWith(globalState);
    const isRunning = () => parts.clock.monotonicMs() < 20_000;
    await parts.clock.run(tellOfInterruptedSetUp(parts, isRunning));
    expect(messages('information')).toEqual([expect.stringMatching(/Nothing was changed there/)]);
    expect(parts.clock.monotonicMs()).toBe(20_000);
  });

  it('is not told of while another window runs it, or when it has ended', async () => {
    const globalState = new FakeMemento();
    await noteSetUp(globalState, { ...NOTE, pid: process.pid });
    const parts = partsWith(globalState);
    await parts.clock.run(tellOfInterruptedSetUp(parts));
    expect(globalState.values.size).toBe(1);
    const endsLater = tellOfInterruptedSetUp(parts);
    await noteSetUp(globalState, undefined);
    await parts.clock.run(endsLater);
    await tellOfInterruptedSetUp(parts);
    expect([messages('information'), messages('warning')]).toEqual([[], []]);
  });
});
