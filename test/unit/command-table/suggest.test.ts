import { describe, expect, it } from 'vitest';
import { suggest } from '../../../src/command-table/suggest.ts';

const WORDS = ['knock', 'keygen', 'list', 'link', 'deploy', 'undeploy', 'import-key', 'import-knockd'];

describe('a word that was mistyped', () => {
  it.each([
    ['konck', 'knock'],
    ['nock', 'knock'],
    ['knockk', 'knock'],
    ['delpoy', 'deploy'],
    ['undepoly', 'undeploy'],
    ['import-kye', 'import-key'],
    ['lst', 'list'],
    ['keyg', 'keygen'],
    ['import-kn', 'import-knockd'],
  ])('%s is %s', (typed, meant) => {
    expect(suggest(typed, WORDS)).toBe(meant);
  });

  it.each(['', 'x', 'ab', 'remove', 'import', 'i', 'status'])('%j is none of them', (typed) => {
    expect(suggest(typed, WORDS)).toBeUndefined();
  });
});
