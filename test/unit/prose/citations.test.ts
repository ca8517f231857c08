import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { prosePaths } from '../../../scripts/prose.mjs';
import { anchorOf, danglingIn } from './citations.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

describe('cited documents and headings', () => {
  it('exist', () => {
    const dangling = prosePaths().flatMap((path) => danglingIn(ROOT, path, readFileSync(join(ROOT, path), 'utf8')));
    expect(dangling.join('\n')).toBe('');
  });
});

describe('files and folders that documents name', () => {
  it('exist', () => {
    const named = prosePaths()
      .filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md')
      .flatMap((path) => {
        const text = readFileSync(join(ROOT, path), 'utf8');
        const paths = text.matchAll(/`((?:src|server-helper|test|bench|scripts|media)\/[\w@./-]+)`/g);
        return [...paths].map(([, each = '']) => `${path}: ${each}`);
      });
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter((each) => !existsSync(join(ROOT, each.replace(/^.*: /, ''))))).toEqual([]);
  });
});

describe('a citation', () => {
  it.each([
    ['src/a.ts', '/** As in gone.md. */', 'gone.md does not exist'],
    ['src/a.ts', "next: phrase('See docs/gone.md.')", 'docs/gone.md does not exist'],
    ['src/a.ts', '// protocol.md, "Outer layer".', 'protocol.md has no heading "Outer layer"'],
    ['docs/a.md', '[how](protocol.md#outer-layer)', 'protocol.md has no heading for #outer-layer'],
    ['docs/a.md', '[there](../src/gone)', '../src/gone does not exist'],
    ['README.md', '[below](#gone)', 'README.md has no heading for #gone'],
    ['test/a.test.ts', '// As in gone.md.', 'gone.md does not exist'],
  ])('that leads nowhere is found: %s, %s', (path, text, complaint) => {
    expect(danglingIn(ROOT, path, text)).toEqual([`${path}: ${complaint}`]);
  });

  it.each([
    ['src/a.ts', '/** protocol.md, "Tag"; docs/actions.md#by-a-sequence-of-ports; CHANGELOG.md */'],
    ['docs/a.md', '[how](protocol.md#tag), [why](../SECURITY.md), [that](https://a.test/gone.md)'],
    ['test/a.test.ts', "const path = '/1/prod.md';"],
    ['src/a.ts', 'const path = `$' + '{title}.md`;'],
  ])('that leads somewhere is left alone: %s, %s', (path, text) => {
    expect(danglingIn(ROOT, path, text)).toEqual([]);
  });

  it('names a heading as GitHub does', () => {
    expect(anchorOf('When you are locked out')).toBe('when-you-are-locked-out');
    expect(anchorOf('`knockgate.hosts` and others, in GnuPG’s mode')).toBe('knockgatehosts-and-others-in-gnupgs-mode');
  });
});
