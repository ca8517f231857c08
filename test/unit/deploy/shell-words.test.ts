import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../src/deploy/connection/shell-words.ts';

/** Arguments that a real shell makes of a command line that prints them, each ended by a NUL. */
function argumentsSeenBy(shell: string, argv: readonly string[]): string[] {
  const line = commandLine(['printf', '%s\\0', ...argv]);
  const { stdout } = spawnSync(shell, ['-c', line], { encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}

describe.each(['sh', 'bash'])('a command line, read by %s', (shell) => {
  it('brings every argument as it was', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 40 }).map((each) => each.replaceAll('\0', ''));
    const nasty = fc
      .array(
        fc.constantFrom(
          "'",
          '"',
          '\\',
          '$',
          '`',
          '\n',
          ' ',
          '!',
          ';',
          '&',
          '*',
          '~',
          '#',
          '-',
          'a',
          '=',
          '\t',
          '{',
          '(',
        ),
      )
      .map((each) => each.join(''));
    const word = fc.oneof(text, nasty);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (argv) => {
        expect(argumentsSeenBy(shell, argv)).toEqual(argv);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a command line', () => {
  it('stays readable where nothing needs quoting', () => {
    expect(commandLine(['nft', '-c', '-f', '/tmp/x.nft'])).toBe('nft -c -f /tmp/x.nft');
    expect(commandLine(["it's", ''])).toBe("'it'\\''s' ''");
  });

  it('takes no NUL, which would end an argument early', () => {
    expect(() => commandLine(['a\0b'])).toThrow(RangeError);
  });
});
