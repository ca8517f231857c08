import { describe, expect, it, vi } from 'vitest';
import { notePendingConnect, pendingConnect } from '../../../../src/vscode/knock/pending-connect.ts';
import { windowDestination } from '../../../../src/vscode/knock/window-host.ts';
import { WALL_MS } from '../../client/support.ts';
import { FakeMemento } from '../support.ts';

const to = (host: string) => ({ host, user: undefined, port: undefined });
const NOTHING = {
  workspaceFile: undefined,
  firstFolder: undefined,
  isRemote: true,
  ownAuthority: () => undefined,
  pending: undefined,
};
const own = (authority: string) => ({ ownAuthority: () => authority });

describe('where a window goes', () => {
  it.each([
    ['as its workspace says', { workspaceFile: 'ssh-remote+a', firstFolder: 'ssh-remote+b' }, 'a'],
    ['as its folder says', { firstFolder: 'ssh-remote+b', pending: to('c') }, 'b'],
    ['as its folder says, in an untitled workspace', { workspaceFile: '', firstFolder: 'ssh-remote+b' }, 'b'],
    ['as its own authority says, when it is empty', { ...own('ssh-remote+d'), pending: to('c') }, 'd'],
    [
      'as its own authority says, with a folder that is elsewhere',
      { ...own('ssh-remote+d'), firstFolder: 'github' },
      'd',
    ],
    ['nowhere, when its own authority is of another kind', { ...own('wsl+Debian'), pending: to('c') }, undefined],
    [
      'nowhere, when its own authority names no host',
      { ...own('ssh-remote+-oProxyCommand'), pending: to('c') },
      undefined,
    ],
    ['as our command noted, when it is empty and nothing else says', { pending: to('c') }, 'c'],
    ['nowhere, when it is empty and local', { isRemote: false, pending: to('c') }, undefined],
    ['nowhere, with a local folder', { firstFolder: '127.0.0.1:8080', pending: to('c') }, undefined],
    ['nowhere, in a container here', { firstFolder: 'dev-container+7b7d', pending: to('c') }, undefined],
    ['unknown, when nothing says', {}, undefined],
  ])('is %s', (_, facts, host) => {
    expect(windowDestination({ ...NOTHING, ...facts })?.host).toBe(host);
  });

  it.each([
    ['its folder tells', { firstFolder: 'ssh-remote+b' }],
    ['it is local', { isRemote: false }],
  ])('is not asked of the SSH extension when %s', (_, facts) => {
    const ownAuthority = vi.fn(() => undefined);
    windowDestination({ ...NOTHING, ...facts, ownAuthority });
    expect(ownAuthority).not.toHaveBeenCalled();
  });
});

describe('what our command notes', () => {
  it('counts for half a minute', async () => {
    const state = new FakeMemento();
    expect(pendingConnect(state, WALL_MS)).toBeUndefined();
    await notePendingConnect(state, { host: 'Prod', user: 'dev', port: 22 }, WALL_MS);
    const stored = new FakeMemento();
    for (const [key, value] of state.values) stored.values.set(key, JSON.parse(JSON.stringify(value)));
    expect(pendingConnect(stored, WALL_MS + 29_000)).toEqual({ host: 'Prod', user: 'dev', port: 22 });
    expect(pendingConnect(stored, WALL_MS + 31_000)).toBeUndefined();
    expect(pendingConnect(stored, WALL_MS - 31_000)).toBeUndefined();
  });

  it.each([null, 'x', {}, { host: 1, atMs: WALL_MS }, { host: 'x' }])('is not believed when it is %j', (record) => {
    const state = new FakeMemento();
    state.values.set('knockgate.pendingConnect', record);
    expect(pendingConnect(state, WALL_MS)).toBeUndefined();
  });
});
