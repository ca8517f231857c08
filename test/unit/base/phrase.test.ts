import { describe, expect, it, onTestFinished } from 'vitest';
import { english, inEnglish, inWords, joined, phrase, speak } from '../../../src/base/phrase.ts';
import { ExitCode, Problem } from '../../../src/base/problem.ts';

const GERMAN: Record<string, string> = { '{0} is {1}.': '{1} ist {0}.', old: 'alt' };

/** A language with a few words. Other texts stay English. */
function speakGerman(): void {
  speak((message, ...values) => english(GERMAN[message] ?? message, ...values));
  onTestFinished(() => speak(english));
}

describe('phrases', () => {
  it('are shown with their values, in English until another language is chosen', () => {
    const said = phrase('{0} is {1}.', 'x', phrase('old'));
    expect(inWords(said)).toBe('x is old.');
    speakGerman();
    expect(inWords(said)).toBe('alt ist x.');
    expect(inEnglish(said)).toBe('x is old.');
  });

  it('keep values unchanged, numbers and braces too', () => {
    expect(inWords(phrase('{0}{1}', '{1}', 5))).toBe('{1}5');
    expect(inWords('plain {0}')).toBe('plain {0}');
  });

  it('are joined, each translated by itself', () => {
    speakGerman();
    expect(inWords(joined([phrase('old'), 'new {0}'], '\n'))).toBe('alt\nnew {0}');
  });

  it('make a problem, which keeps them', () => {
    speakGerman();
    const problem = new Problem({ code: 'c', what: phrase('old'), why: 'x', exit: ExitCode.fault });
    expect(problem.message).toBe('alt\nx');
    expect(problem.text).toEqual({ code: 'c', what: 'alt', why: 'x', exit: ExitCode.fault });
    expect(inEnglish(problem.parts.what)).toBe('old');
  });
});
