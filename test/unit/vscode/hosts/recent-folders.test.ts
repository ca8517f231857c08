import { describe, expect, it } from 'vitest';
import {
  folderPath,
  noteFolder,
  type RemoteFolder,
  recentFolders,
} from '../../../../src/vscode/hosts/recent-folders.ts';
import { FakeMemento } from '../support.ts';

const folder = (path: string, host = 'prod'): RemoteFolder => ({ host, user: undefined, port: undefined, path });
const paths = (state: FakeMemento) => recentFolders(state).map(({ path }) => path);

describe('recent folders', () => {
  it('are kept, the newest first, each once', async () => {
    const state = new FakeMemento();
    for (const path of ['/a', '/b', '/a']) await noteFolder(state, folder(path));
    await noteFolder(state, { host: 'prod', user: 'dev', port: 2222, path: '/a' });
    expect(recentFolders(state)).toEqual([
      { host: 'prod', user: 'dev', port: 2222, path: '/a' },
      folder('/a'),
      folder('/b'),
    ]);
  });

  it('do not grow without end', async () => {
    const state = new FakeMemento();
    for (let i = 0; i < 100; i += 1) await noteFolder(state, folder(`/${i}`));
    expect(paths(state)).toHaveLength(40);
    expect(paths(state)[0]).toBe('/99');
  });

  it.each([[undefined], ['x'], [[1, {}, { host: '-oProxyCommand', path: '/' }, { host: 'a', path: 'relative' }]]])(
    'that were damaged are left out: %j',
    async (record) => {
      const state = new FakeMemento();
      await state.update('knockgate.recentFolders', record);
      expect(recentFolders(state)).toEqual([]);
      await noteFolder(state, folder('/srv'));
      expect(paths(state)).toEqual(['/srv']);
    },
  );
});

describe('the path of a folder', () => {
  it.each([
    ['/srv/app', '/srv/app'],
    [' /srv/my app ', '/srv/my app'],
    ['C:\\Users\\alice', '/c:/Users/alice'],
    ['d:/src', '/d:/src'],
    ['app', undefined],
    ['~/app', undefined],
    ['', undefined],
    ['//server/share', undefined],
    ['/a\nb', undefined],
  ])('%j', (typed, path) => {
    expect(folderPath(typed)).toBe(path);
  });
});
