import { afterEach, describe, expect, it, vi } from 'vitest';
import { Tally } from '../../../scripts/tally.mjs';

const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
const lines = () => stdout.mock.calls.map(([text]) => String(text).trimEnd());

afterEach(() => stdout.mockClear());

describe('the summary of a run', () => {
  it('ends with the counts, after the minutes of each part', async () => {
    const tally = new Tally();
    await tally.check('types', () => undefined);
    tally.took('tests: gate', 90_000);
    expect(tally.summary()).toBe(0);
    expect(lines()).toContain('   1.5 min  tests: gate');
    expect(lines().at(-1)).toBe('\n1 passed, 0 failed');
  });

  it.each([
    ['a check says what is wrong', () => 'a line of text'],
    ['a check throws', () => Promise.reject(new Error('a line of text'))],
  ])('fails when %s', async (_, work) => {
    const tally = new Tally();
    await tally.check('lint', work);
    expect(tally.summary()).toBe(1);
    expect(lines().join('\n')).toContain('a line of text');
    expect(lines().at(-1)).toBe('\n0 passed, 1 failed');
  });

  it('fails when nothing passed', () => {
    expect(new Tally().summary()).toBe(1);
  });

  it('fails when it took too long', async () => {
    const tally = new Tally();
    await tally.check('types', () => undefined);
    expect(tally.summary(-1)).toBe(1);
    expect(lines().at(-1)).toBe('\n1 passed, 1 failed');
  });

  it('names a file that needed a second run', async () => {
    const tally = new Tally();
    tally.remark('test/gate/a.test.ts failed, and passed in its second run.');
    tally.summary();
    expect(lines()).toContain('test/gate/a.test.ts failed, and passed in its second run.');
  });
});
