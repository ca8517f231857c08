import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PATH = fileURLToPath(new URL('../../../docs/threat-model.md', import.meta.url));
const PROOF = /`test\/[\w@./-]+`|^not protected: ./;

/** Rows of all tables whose last cell names no test and does not say that nothing protects. */
const unproven = (page: string) =>
  page
    .split('\n')
    .filter((line) => /^\| (?!what |---)/.test(line))
    .filter((line) => !PROOF.test(line.split(' | ').at(-1) ?? ''));

describe('each row of the threat model', () => {
  it('names its test, or says that it is not protected', () => {
    const page = readFileSync(PATH, 'utf8');
    expect(page.match(/^\| what \|/gm)?.length).toBe(10);
    expect(unproven(page)).toEqual([]);
  });

  it('is found when it does neither', () => {
    expect(unproven('| reads | nothing | of course |')).toHaveLength(1);
  });
});
