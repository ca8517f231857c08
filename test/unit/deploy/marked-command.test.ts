import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { behindMark, markedCommand } from '../../../src/deploy/connection/marked-command.ts';

const MARK = ['first', 'second'] as const;

const characters = fc.constantFrom(...'\'"\\$`\n !;&*~#-a=\t{(%é€');
const word = fc.oneof(
  fc.array(characters).map((each) => each.join('')),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);
const words = fc.array(
  word.map((text) => text.replaceAll('\0', '')),
  { minLength: 1, maxLength: 5 },
);

describe('a marked command', () => {
  it('shows a login shell nothing that sh, csh and fish read in different ways', () => {
    fc.assert(
      fc.property(words, (argv) => {
        const quoted = /^\/bin\/sh -c '([^']*)' sh '([^']*)'$/.exec(markedCommand(argv, MARK));
        // A backslash means something to fish before a quote or a backslash, to csh before ! and a line break.
        for (const text of quoted?.slice(1) ?? ['!']) expect(text).toMatch(/^(?:[ -&(-[\]-~]|\\0[0-7]{3})*$/);
        expect(quoted?.slice(1).join('')).not.toContain('!');
      }),
      { numRuns: 200 },
    );
  });

  it.each(['sh', 'bash'])('brings every argument as it was through %s', (shell) => {
    fc.assert(
      fc.property(words, (argv) => {
        const line = markedCommand(['printf', '%s\\0', ...argv], MARK);
        const { stdout } = spawnSync(shell, ['-c', line], { encoding: 'utf8' });
        expect(behindMark(stdout, MARK)?.split('\0').slice(0, -1)).toEqual(argv);
      }),
      { numRuns: 60 },
    );
  });
});
