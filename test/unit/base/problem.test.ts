import { describe, expect, it } from 'vitest';
import { phrase } from '../../../src/base/phrase.ts';
import { badText, ExitCode, Problem } from '../../../src/base/problem.ts';

describe('problems', () => {
  it('say what, why and what next, a line each, and leave out an absent part', () => {
    const text = { code: 'c', what: 'What.', why: 'Why.', next: 'Next.', exit: ExitCode.fault };
    expect(new Problem(text).message).toBe('What.\nWhy.\nNext.');
    expect(new Problem({ code: 'c', what: 'What.', next: 'Next.', exit: 0 }).message).toBe('What.\nNext.');
    expect(new Problem(text).text).toEqual(text);
    expect(new Problem(text)).toBeInstanceOf(Error);
  });

  it('badText names the field, quotes the text, and says what was expected', () => {
    const { text, message } = badText('slots', '7', 'a number from 8 to 64');
    expect(message).toBe('slots: "7" is invalid.\nExpected a number from 8 to 64.');
    expect(text).toMatchObject({ code: 'bad-text', exit: ExitCode.usage });
  });

  it('show nothing that a terminal obeys or a person clicks, whatever their parts contain, and have a limited length', () => {
    const nasty = 'a\u001b[2J\n[x](command:y)\u202e';
    const { message, text } = new Problem({
      code: 'c',
      what: phrase('{0} said {1}.', nasty, phrase('{0}', nasty)),
      why: nasty,
      next: phrase('{0}(command:y)', '[x]'),
      exit: ExitCode.fault,
    });
    expect(message).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]|\]\(/u);
    expect(text.why).toBe('a\\u001b[2J\n[x] (command:y)\\u202e');
    expect(text.next).toBe('[x] (command:y)');
    expect(new Problem({ code: 'c', what: 'x'.repeat(100_000), exit: ExitCode.fault }).message).toHaveLength(20_000);
  });
});
