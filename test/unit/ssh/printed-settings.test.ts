import { describe, expect, it } from 'vitest';
import { printedSettings, splitPaths } from '../../../src/ssh/printed-settings.ts';

describe('what ssh -G prints', () => {
  it('is a keyword and a value that stays as it is', () => {
    const printed = 'proxycommand sh -c "a  b" # c\r\nUser dev\nsendenv\n\n';
    expect(printedSettings(printed)).toEqual([
      { keyword: 'proxycommand', value: 'sh -c "a  b" # c' },
      { keyword: 'user', value: 'dev' },
      { keyword: 'sendenv', value: '' },
    ]);
  });
});

describe('a list of paths', () => {
  it.each([
    ['/a /b', [], ['/a', '/b']],
    ['/my file /b', ['/my file'], ['/my file', '/b']],
    ['/my file /b', ['/my'], ['/my', 'file', '/b']],
    ['/my  file', ['/my  file'], ['/my  file']],
    ['/not here /b', [], ['/not here', '/b']],
    ['C:\\Users\\First Last\\.ssh\\known_hosts C:\\k2', [], ['C:\\Users\\First Last\\.ssh\\known_hosts', 'C:\\k2']],
    ['~/a $HOME/b %d/c', [], ['~/a', '$HOME/b', '%d/c']],
    ['', [], []],
  ])('%j with %j there', (list, there: string[], paths) => {
    expect(splitPaths(list, (path) => there.includes(path))).toEqual(paths);
  });
});
