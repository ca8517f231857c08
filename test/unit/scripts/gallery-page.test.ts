import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { galleryPage } from '../../../scripts/gallery-page.mjs';

const README = readFileSync('README.md', 'utf8');

describe('the page for galleries', () => {
  it('leads nowhere that is not there for its readers', () => {
    const page = galleryPage(README);
    const targets = [...page.matchAll(/\]\(([^)]*)\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !/^(https:|data:image\/png;base64,[A-Za-z0-9+/=]+$)/.test(target))).toEqual([]);
    expect(page).toContain('](data:image/png;base64,iVBOR');
    expect(page).not.toContain('repository -->');
  });

  it('keeps what is for everybody', () => {
    const page = galleryPage(README);
    expect(page).toContain('## In VS Code');
    expect(page).not.toContain('npm run demo');
    // Comments that begin a line would keep what follows on it from being read as Markdown.
    expect(README).not.toMatch(/^<!-- \/?repository -->./m);
    expect(README.match(/<!-- repository -->/g)?.length).toBe(README.match(/<!-- \/repository -->/g)?.length);
  });

  it('keeps the words of links that would be dead, and holds its pictures', () => {
    expect(galleryPage('See [this](docs/this.md) or [that](https://a.test).')).toBe(
      'See this or [that](https://a.test).',
    );
    expect(galleryPage('See<!-- repository --> [this](docs/this.md)<!-- /repository --> here.')).toBe('See here.');
    expect(galleryPage('![It](a/b.png)', () => Buffer.from('x'))).toBe('![It](data:image/png;base64,eA==)');
  });

  it('has beside it a list of changes whose links lead somewhere', () => {
    // It is in the package as it is.
    expect(readFileSync('CHANGELOG.md', 'utf8')).not.toMatch(/\]\((?!https:)/);
  });

  it('has a small picture', () => {
    expect(readFileSync('media/workbench.png').length).toBeLessThan(150_000);
  });
});
