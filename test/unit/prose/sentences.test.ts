import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents, oneSentencePerLine } from '../../../scripts/sentences.mjs';

const read = (path: string) => readFileSync(join(import.meta.dirname, '../../..', path), 'utf8');

describe('a document', () => {
  it.each(documents())('has one sentence per line: %s; otherwise: node scripts/sentences.mjs', (path) => {
    expect(read(path)).toBe(oneSentencePerLine(read(path)));
  });

  it('is short where newcomers begin: README.md', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  });

  it('says how to install before it says how fast it is', () => {
    const headings = [...read('README.md').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings.indexOf('Install')).toBeGreaterThan(-1);
    expect(headings.indexOf('Install')).toBeLessThan(headings.indexOf('How fast'));
  });
});

describe('the sentences of a document', () => {
  it.each([
    ['are put on lines of their own', 'One. Two! Three? (Four.) Five', 'One.\nTwo!\nThree?\n(Four.)\nFive'],
    ['are put together again', 'One that is\nbroken. Two', 'One that is broken.\nTwo'],
    ['stay in their item', '* One. Two\n  goes on\n* Three', '* One.\n  Two goes on\n* Three'],
    ['leave code alone', 'Run `a. b. c` now. `d. e` ends', 'Run `a. b. c` now.\n`d. e` ends'],
    ['leave blocks of code alone', '```\nOne. Two\nthree\n```', '```\nOne. Two\nthree\n```'],
    ['leave tables and headings alone', '# One. Two\n| a. b |\n| --- |', '# One. Two\n| a. b |\n| --- |'],
    ['do not end in e.g., nor in a bold name', '**Name.** It does, e.g. this.', '**Name.** It does, e.g. this.'],
  ])('%s', (_, document, expected) => {
    expect(oneSentencePerLine(document)).toBe(expected);
  });
});
