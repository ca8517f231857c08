import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Terminal } from '../../../src/cli/terminal.ts';

/** A terminal that can hide typed text, and notes what it would show. */
function terminal({ tty = true } = {}) {
  const input = Object.assign(new PassThrough(), {
    isTTY: tty,
    raw: [] as boolean[],
    setRawMode: (on: boolean) => input.raw.push(on),
  });
  const shown: string[] = [];
  let interrupted = 0;
  const asking = new Terminal(
    input,
    (text) => shown.push(text),
    () => {
      interrupted++;
    },
  );
  return { input, shown, asking, interrupts: () => interrupted };
}

describe('a question in a terminal', () => {
  it('is answered by a line', async () => {
    const { input, asking, shown } = terminal();
    input.write('one\ntwo\n');
    expect(await asking.text('First?')).toBe('one');
    expect(await asking.text('Second?')).toBe('two');
    expect(shown).toEqual(['First? ', 'Second? ']);
  });

  it('that nobody answers ends with its line', async () => {
    const { input, asking, shown } = terminal({ tty: false });
    input.end();
    expect(await asking.text('First?')).toBe(undefined);
    expect(shown.join('')).toBe('First? \n');
  });

  it.each([
    ['yes\n', true],
    ['Y\n', true],
    ['\nja\nyes\n', true],
    ['what?\nNO\n', false],
    ['no\n', false],
  ])('of yes or no: %j', async (typed, expected) => {
    const { input, asking } = terminal();
    input.write(typed);
    expect(await asking.confirm('Go on?')).toBe(expected);
  });

  it('ends with the input', async () => {
    const { input, asking } = terminal();
    input.end();
    expect(await asking.text('Name?')).toBeUndefined();
    expect(await asking.secret('Password?')).toBeUndefined();
  });
});

describe('a password in a terminal', () => {
  it('is not shown, and can be edited', async () => {
    const { input, asking, shown } = terminal();
    input.write('secrex\x7ft\r');
    expect(await asking.secret('Password:')).toBe('secret');
    expect(shown.join('')).toBe('Password: \n');
    expect(input.raw).toEqual([true, false]);
  });

  it('is asked for only when the terminal has stopped showing what is typed', async () => {
    const { input } = terminal();
    const seen: (readonly boolean[])[] = [];
    const told = new Terminal(
      input,
      () => seen.push([...input.raw]),
      () => {},
    );
    input.write('secret\r');
    expect(await told.secret('Password:')).toBe('secret');
    expect(seen).toEqual([[true], [true, false]]);
  });

  it('leaves what is typed after it to the next question', async () => {
    const { input, asking } = terminal();
    input.write('secret\ryes\n');
    expect(await asking.secret('Password:')).toBe('secret');
    expect(await asking.confirm('Go on?')).toBe(true);
  });

  it('is given up by Ctrl-C, which ends the program as well', async () => {
    const { input, asking, interrupts } = terminal();
    input.write('sec\x03');
    expect(await asking.secret('Password:')).toBeUndefined();
    expect(interrupts()).toBe(1);
    expect(input.raw).toEqual([true, false]);
  });

  it('is a line where there is no terminal', async () => {
    const { input, asking } = terminal({ tty: false });
    input.write('secret\n');
    expect(await asking.secret('Password:')).toBe('secret');
    expect(input.raw).toEqual([]);
  });
});

describe('a terminal that is hushed', () => {
  it('shows nothing between questions, keeps what was typed early, and hears Ctrl-C', async () => {
    const { input, asking, shown, interrupts } = terminal();
    asking.hush();
    input.write('secret\r');
    await new Promise((resolve) => setImmediate(resolve));
    expect(input.raw).toEqual([true]);
    expect(await asking.secret('Password?')).toBe('secret');
    input.write('\x03');
    await new Promise((resolve) => setImmediate(resolve));
    expect(interrupts()).toBe(1);
    const answer = asking.text('Go on?');
    expect(input.raw).toEqual([true, true, false]);
    input.write('yes\n');
    expect(await answer).toBe('yes');
    asking.rest();
    expect(input.raw).toEqual([true, true, false, true, false]);
    expect(shown.join('')).not.toContain('secret');
  });
});

describe('a question that is open when Ctrl-C comes', () => {
  it('ends at once, and so does each one after it', async () => {
    const input = new PassThrough();
    const abort = new AbortController();
    const asking = new Terminal(
      input,
      () => {},
      () => {},
      abort.signal,
    );
    const answer = asking.confirm('Go on?');
    abort.abort();
    expect(await answer).toBe(false);
    expect(await asking.text('Name?')).toBeUndefined();
  });
});
