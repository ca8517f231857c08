import { describe, expect, it } from 'vitest';
import { type ConfigFiles, isConditional, linesOf, listAliases } from '../../../src/ssh/config-aliases.ts';
import { globPart } from '../../../src/ssh/glob.ts';

const PLACE = { path: '/home/a/.ssh/config', includesFrom: '/home/a/.ssh', homeFolder: '/home/a' };

/** A disk with these files; a pattern stands for those that it matches. */
function disk(texts: Record<string, string>): ConfigFiles {
  return {
    read: (path) => texts[path],
    expand: (pattern) => {
      const matches = pattern.split('/').map(globPart);
      const fits = (path: string) => {
        const parts = path.split('/');
        return parts.length === matches.length && parts.every((part, i) => matches[i]?.(part));
      };
      return Object.keys(texts).filter(fits).sort();
    },
  };
}

function aliases(config: string, others: Record<string, string> = {}) {
  return listAliases(PLACE, disk({ [PLACE.path]: config, ...others }));
}

describe('the aliases of an SSH configuration', () => {
  it.each([
    ['Host prod\n  HostName 192.0.2.1\nHost stage dev', ['prod', 'stage', 'dev']],
    ['host=prod\nHOST = "with space"\r\nHost a # remark b', ['prod', 'with space', 'a']],
    ['Host *\nHost web-? !web-1 real\nHost *.example', ['real']],
    ['# Host no\nHostName x\nMatch host prod\n  User y\n', []],
    ['Host a\nHost a b', ['a', 'b']],
    ['', []],
  ])('of %j: %j', (config, expected) => {
    expect(aliases(config)).toEqual(expected);
  });

  it('include those of included files, at their place', () => {
    const others = {
      '/home/a/.ssh/conf.d/1': 'Host one',
      '/home/a/.ssh/conf.d/2': 'Host two',
      '/home/a/.ssh/conf.d/.hidden': 'Host hidden',
      '/home/a/work/ssh': 'Host work\nInclude more',
      '/home/a/.ssh/more': 'Host more',
      '/etc/x': 'Host x',
    };
    const config = 'Host first\nInclude conf.d/* "~/work/ssh"\nInclude /etc/x gone\nHost last';
    expect(aliases(config, others)).toEqual(['first', 'one', 'two', 'work', 'more', 'x', 'last']);
  });

  it('end where files include each other', () => {
    expect(aliases('Host a\nInclude config')).toEqual(['a']);
  });

  it('are none where there is no file', () => {
    expect(listAliases(PLACE, disk({}))).toEqual([]);
  });
});

describe('a pattern', () => {
  it.each([
    ['*', ['a', 'a.b'], ['.a']],
    ['.*', ['.a'], ['a']],
    ['*.conf', ['a.conf'], ['aconf', 'a.conf~']],
    ['?x', ['ax'], ['x', 'aax']],
    ['[ab]x', ['ax', 'bx'], ['cx']],
    ['[!ab]x', ['cx'], ['ax']],
    ['[z-a]', [], ['z', 'a']],
    ['a+(b)', ['a+(b)'], ['aab']],
  ])('%s', (pattern, yes, no) => {
    expect([...yes, ...no].filter(globPart(pattern))).toEqual(yes);
  });
});

describe('the route to a host may change with the network', () => {
  it.each([
    ['Match exec "away"\n  ProxyJump bastion', true],
    ['Match host prod !exec "at home"', true],
    ['Match LocalNetwork 192.0.2.0/24', true],
    ['Include more', true],
    ['Match host prod\n  ProxyJump bastion', false],
    ['Host exec', false],
    ['', false],
  ])('%j: %s', (config, is) => {
    const files = disk({ [PLACE.path]: config, '/home/a/.ssh/more': 'Match exec "away"' });
    expect(isConditional(linesOf(PLACE, files))).toBe(is);
  });
});
