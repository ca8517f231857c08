import { describe, expect, it } from 'vitest';
import { Problem } from '../../../src/base/problem.ts';
import { type FuzzOptions, fuzz } from '../../fuzz/fuzz.ts';
import { type FuzzTarget, must, SECRET, secretsBehind, textTarget } from '../../fuzz/target.ts';

const OPTIONS: FuzzOptions = { seed: 'a', runs: 2000, coverage: false, timed: false };
const problem = (what: string) => new Problem({ code: 'x', what, exit: 1 });
const found = (target: FuzzTarget, more: Partial<FuzzOptions> = {}) => fuzz(target, { ...OPTIONS, ...more }).findings;

describe('a fuzz run', () => {
  it('finds what throws anything but a problem, and makes the input small', () => {
    const target = textTarget('t', ['a good text with some words'], (text) => {
      if (text.includes('wor') && text.includes('"""')) throw new TypeError('no');
      if (text.length > 10) throw problem('fine');
    });
    const [finding] = found(target);
    expect(finding).toMatchObject({ kind: 'threw', what: expect.stringMatching(/^TypeError at test\/unit\/fuzz/) });
    expect(finding?.input.length).toBe(6);
  });

  it.each<[string, string, (text: string) => unknown]>([
    ['broken', 'does not hold', (text) => must(!text.includes('~'), 'does not hold')],
    ['large', '2^', () => 'x'.repeat(5_000_000)],
    [
      'unprintable',
      'what',
      (text) => {
        const what = `${text.replaceAll('\n', '')} is bad`;
        // As if a problem did not make its own text printable.
        throw Object.assign(problem(''), { message: what, text: { code: 'x', what, exit: 1 } });
      },
    ],
    [
      'threw',
      'not an error',
      () => {
        throw 'a text';
      },
    ],
  ])('finds what is %s', (kind, what, read) => {
    const target = textTarget('t', ['KEY a-good-value~'.repeat(3)], read);
    expect(found(target, { runs: 64 })).toContainEqual(
      expect.objectContaining({ kind, what: expect.stringContaining(what) }),
    );
  });

  it('finds a secret that is shown, and none where it was not secret', () => {
    const seed = `KEY ${SECRET}\nNAME alice\n`;
    const more = { hidesSecret: secretsBehind(/^KEY [^\s]*$/) };
    const shows = (text: string) => {
      throw problem(JSON.stringify(text));
    };
    expect(found(textTarget('t', [seed], shows, more))).toContainEqual(expect.objectContaining({ kind: 'leaked' }));
    const showsNames = (text: string) => text.split('\n').filter((line) => !line.startsWith('KEY '));
    expect(found(textTarget('t', [seed], showsNames, more))).toEqual([]);
  });

  it('takes a text for no secret where the same line has it in another word', () => {
    const hides = secretsBehind(/^KEY $/);
    expect(hides(`KEY ${SECRET}${SECRET}`)).toBe(true);
    expect(hides(`KEY ${SECRET}-${SECRET}`)).toBe(true);
    expect(hides(`KEY ${SECRET} run ${SECRET}`)).toBe(false);
  });

  it('ends what hangs', () => {
    const target = textTarget('t', ['aaaaaaaaaaaaaaaa'], (text) => {
      if (text.includes('"')) for (;;);
    });
    expect(found(target, { stuckMs: 50, runs: 640 })).toMatchObject([{ kind: 'stuck' }]);
  });

  it('is the same for the same seed, and another for another', () => {
    const inputsOf = (seed: string) => {
      const inputs: string[] = [];
      fuzz(
        textTarget('t', ['one', 'two'], (text) => inputs.push(text)),
        { ...OPTIONS, seed, runs: 100 },
      );
      return inputs;
    };
    expect(inputsOf('a')).toEqual(inputsOf('a'));
    expect(inputsOf('a')).not.toEqual(inputsOf('b'));
  });
});
