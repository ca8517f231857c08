import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../../src/os/clock.ts';
import { systemClock } from '../../../src/os/clock.ts';
import { HostStates } from '../../../src/vscode/knock/host-states.ts';
import { offerHook } from '../../../src/vscode/ssh-hook/offer.ts';
import { answers, env, executed, resetEditor, shown, window } from '../../rig/fake-vscode.ts';
import { DOOR, FakeLog, FakeMemento } from './support.ts';

beforeEach(() => {
  resetEditor();
  env.remoteName = 'ssh-remote';
});

const OPEN = { kind: 'open', untilMs: Number.POSITIVE_INFINITY, answer: undefined } as const;

/** A remote window to the host `prod`; nobody waits there. */
function remoteWindow(changes: { isOn?: boolean; globalState?: FakeMemento } = {}) {
  const globalState = changes.globalState ?? new FakeMemento();
  const states = new HostStates(() => 0);
  const clock: Clock = { ...systemClock, sleep: async () => {} };
  const log = new FakeLog();
  const sshHook = { isOn: changes.isOn ?? false };
  const offer = offerHook({ clock, globalState, log, states, windowDoor: () => DOOR, sshHook });
  onTestFinished(() => offer.dispose());
  return { states, globalState, offer };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const offers = () => shown.filter(({ kind }) => kind === 'information').length;

describe('the offer of the hook', () => {
  it('comes once a knock has opened the host of a remote window, and leads to the command', async () => {
    const { states } = remoteWindow();
    states.set('other', OPEN);
    await settled();
    expect(offers()).toBe(0);
    answers.push('Show the Change…');
    states.set('prod', OPEN);
    await settled();
    expect(shown).toMatchObject([{ message: expect.stringContaining('do not knock at prod by themselves') }]);
    expect(executed.map(({ command }) => command)).toEqual(['knockgate.enableSshHook']);
  });

  it('comes once, whatever the person says', async () => {
    const { states, globalState } = remoteWindow();
    states.set('prod', OPEN);
    states.set('prod', OPEN);
    await settled();
    remoteWindow({ globalState }).states.set('prod', OPEN);
    await settled();
    expect(offers()).toBe(1);
  });

  it.each([
    ['the hook is on', () => remoteWindow({ isOn: true })],
    [
      'the window is not remote',
      () => {
        env.remoteName = undefined;
        return remoteWindow();
      },
    ],
    [
      'another window has the focus',
      () => {
        window.state.focused = false;
        return remoteWindow();
      },
    ],
    [
      'the window is closed',
      () => {
        const closing = remoteWindow();
        closing.offer.dispose();
        return closing;
      },
    ],
  ])('does not come when %s', async (_, open) => {
    const { states, globalState } = open();
    states.set('prod', OPEN);
    await settled();
    expect([offers(), globalState.values.size]).toEqual([0, 0]);
  });
});
