import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { galleryPage, repositoryAddress } from '../../../scripts/gallery-page.mjs';
import { prosePaths } from '../../../scripts/prose.mjs';

const SOURCE = readFileSync('docs/gallery.md', 'utf8');
const MANIFEST = JSON.parse(readFileSync('package.json', 'utf8'));
const REPOSITORY = repositoryAddress(MANIFEST);

describe('the page for galleries', () => {
  const page = galleryPage(SOURCE, MANIFEST);
  const targets = [...page.matchAll(/\]\(([^)]*)\)/g)].map(([, target = '']) => target);

  it('leads to files of the repository by its address, and nowhere else', () => {
    expect(targets.length).toBeGreaterThan(2);
    for (const target of targets) {
      const [, path = ''] = target.match(/^(?:.*)\/(?:blob|raw)\/HEAD\/(.*)$/) ?? [];
      expect(target.startsWith(`${REPOSITORY}/`), target).toBe(true);
      expect(existsSync(path), path).toBe(true);
    }
  });

  it('begins with a picture from the web, the only kind that the editor shows there', () => {
    expect(page.split('\n')[2]).toContain(`](${REPOSITORY}/raw/HEAD/media/workbench.png)`);
  });

  it('says what a person wants to know before installing it, in this order', () => {
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Three steps', 'What the server needs', 'Privacy', 'More', 'Limits']);
    expect(page).toContain('No telemetry; packets go to your gates only.');
  });

  it('names commands as the palette does', () => {
    const texts = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
    const titles = Object.entries(texts).flatMap(([key, text]) =>
      key.startsWith('command.') ? [`Knockgate: ${text}`] : [],
    );
    const named = [...page.matchAll(/\*\*(Knockgate: [^*]*)\*\*/g)].map(([, title]) => title);
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((title) => !titles.includes(title ?? ''))).toEqual([]);
  });

  it('leaves links to the web and to its own headings alone', () => {
    const text = '[a](https://a.test) [b](#three-steps) ![c](../media/c.png) [d](settings.md#x)';
    const expected = `[a](https://a.test) [b](#three-steps) ![c](${REPOSITORY}/raw/HEAD/media/c.png) [d](${REPOSITORY}/blob/HEAD/docs/settings.md#x)`;
    expect(galleryPage(text, MANIFEST)).toBe(expected);
  });

  it('has beside it a list of changes whose links lead somewhere', () => {
    // It is in the package as it is.
    expect(readFileSync('CHANGELOG.md', 'utf8')).not.toMatch(/\]\((?!https:)/);
  });

  it('has a small picture', () => {
    expect(readFileSync('media/workbench.png').length).toBeLessThan(200_000);
  });
});

describe('the address of the repository', () => {
  it('is in package.json alone, for everything that needs it', () => {
    const { bugs, homepage, qna } = MANIFEST;
    for (const address of [bugs.url, homepage, qna]) expect(address.startsWith(`${REPOSITORY}/`), address).toBe(true);
    const others = prosePaths().filter((path) => path !== 'package.json');
    expect(others.filter((path) => readFileSync(path, 'utf8').includes(REPOSITORY))).toEqual([]);
  });
});
