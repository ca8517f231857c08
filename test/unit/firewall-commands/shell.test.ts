import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitShell } from '../../../src/firewall-commands/shell.ts';

const commandsOf = (text: string) => {
  const split = splitShell(text);
  return 'why' in split ? split.why : split.commands.map(({ after, argv }) => [after, ...argv]);
};

describe('a line for a shell', () => {
  it.each([
    ['a b  c\t', [[';', 'a', 'b', 'c']]],
    ['a \'b c\' "d e" f\\ g', [[';', 'a', 'b c', 'd e', 'f g']]],
    [`a x'y z'"w" ''`, [[';', 'a', 'xy zw', '']]],
    ['a "b\\"c\\\\d\\e"', [[';', 'a', 'b"c\\d\\e']]],
    [
      'a; b && c || d',
      [
        [';', 'a'],
        [';', 'b'],
        ['&&', 'c'],
        ['||', 'd'],
      ],
    ],
    [
      'a\nb;\n\nc;',
      [
        [';', 'a'],
        [';', 'b'],
        [';', 'c'],
      ],
    ],
    [
      'a &&\n b',
      [
        [';', 'a'],
        ['&&', 'b'],
      ],
    ],
    [
      'a # b; c\nd#e',
      [
        [';', 'a'],
        [';', 'd#e'],
      ],
    ],
    ['a 2>/dev/null >/dev/null b', [[';', 'a', 'b']]],
    ['a > /dev/null 2>&1', [[';', 'a']]],
    ['a b2>/dev/null', [[';', 'a', 'b2']]],
    ['nft x { 22, 80 }', [[';', 'nft', 'x', '{', '22,', '80', '}']]],
    ["nft x '{22,80}' a,b {x}", [[';', 'nft', 'x', '{22,80}', 'a,b', '{x}']]],
    ['a ! b', [[';', 'a', '!', 'b']]],
    ['', []],
    ['# only', []],
  ])('is taken apart: %j', (text, commands) => {
    expect(commandsOf(text)).toEqual(commands);
  });

  it.each([
    ['a $B', '“$”'],
    ['a `b`', '“`”'],
    ['a "$(b)"', '“$”'],
    ['a *', '“*”'],
    ['a x?', '“?”'],
    ['a [b]', '“[”'],
    ['a ~', '“~”'],
    ['a | b', '“|”'],
    ['a & b', '“&”'],
    ['a < b', '“<”'],
    ['a > /tmp/b', 'writes into a file'],
    ['a &> /dev/null', '“&”'],
    ['a (b)', '“(”'],
    ['a {22,80}', 'some shells expand'],
    ['a {1..3}', 'some shells expand'],
    ['{ a; }', '“{”'],
    ['! a', '“!”'],
    ['if a; then b; fi', '“if”'],
    ['exec a', '“exec”'],
    ['A=1 b', '“A=1”'],
    ['a ;; b', 'missing'],
    ['; a', 'missing'],
    ['a && && b', 'missing'],
    ['a &&', 'missing'],
    ['a "b', 'quotation mark'],
    ["a 'b", 'quotation mark'],
    ['a \\', 'ends in'],
    ['a \u0007', 'control character'],
    ['a "\u0007"', 'control character'],
  ])('is refused where a shell would do more than run it: %j', (text, why) => {
    expect(commandsOf(text)).toContain(why);
  });

  it("has the words that this system's shell gives to a program, or is refused", () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'b',
        ' ',
        '  ',
        "'",
        '"',
        '\\',
        ';',
        '&&',
        '||',
        '#',
        '\n',
        '{',
        '}',
        ',',
        '!',
        '%IP%',
        '2>/dev/null',
        '>',
        '&',
        '$',
        '*',
        '~',
        '=',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const text = `p ${pieces.join('')}`;
        const commands = commandsOf(text);
        if (typeof commands === 'string') return;
        // Only `p` exists: it succeeds and tells its words. Others fail, so commands behind them do not run either.
        const script = `exec 3>&1; p() { for word; do printf '%s\\0' "$word"; done >&3; printf '\\1' >&3; }\n${text}`;
        const said = execFileSync('sh', ['-c', `${script}\ntrue`], {
          cwd: '/',
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        const first = said.split('\u0001')[0]?.split('\0').slice(0, -1);
        expect(first).toEqual(commands[0]?.slice(2));
      }),
      { numRuns: 300 },
    );
  });
});
