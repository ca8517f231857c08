import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedHostBlock, withHostBlock, withoutHostBlock } from '../../../src/ssh/host-block.ts';

const LINES = ['Host prod', '  Port 2222', '  ProxyCommand node knockgate connect prod %p'];
const BLOCK = ['# >>> knockgate prod >>>', ...LINES, '# <<< knockgate prod <<<', ''].join('\n');

/** Any bytes, any line ends, any last line. */
const config = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom('Host prod', '  User me', '# >>> knockgate web >>>', '', '  '),
        fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) }),
      ),
      fc.constantFrom('\n', '\r\n', ''),
    ),
  )
  .map((lines) => lines.flat().join(''));

describe('the entry of a host in an SSH configuration', () => {
  it('is gone without a trace, whatever it was put into', () => {
    fc.assert(
      fc.property(config, (before) => {
        const during = withHostBlock(before, 'prod', LINES);
        expect(withoutHostBlock(during, 'prod')).toBe(before);
        expect(withHostBlock(during, 'prod', LINES)).toBe(during);
      }),
    );
  });

  it('is at the top, apart from what follows', () => {
    expect(withHostBlock('', 'prod', LINES)).toBe(BLOCK);
    expect(withHostBlock('Host prod\n', 'prod', LINES)).toBe(`${BLOCK}\nHost prod\n`);
    expect(withHostBlock('\xEF\xBB\xBFHost a\r\n', 'prod', LINES)).toMatch(
      /^\xEF\xBB\xBF# >>>[\s\S]*\r\n\r\nHost a\r\n$/,
    );
  });

  it('leaves the entries of others', () => {
    const both = withHostBlock(BLOCK, 'web', ['Host web', '  ProxyCommand node knockgate connect web %p']);
    expect(withoutHostBlock(both, 'web')).toBe(BLOCK);
    expect(withoutHostBlock(BLOCK, 'pro')).toBeUndefined();
  });

  it.each([
    ['has a line of the owner', BLOCK.replace('  Port', '  User me\n  Port')],
    ['has another host', BLOCK.replace('Host prod', 'Host prod web')],
    ['has another ProxyCommand', BLOCK.replace('connect prod', 'connect web')],
    ['does not end', BLOCK.replace(/# <<<.*\n/, '')],
    ['does not begin', BLOCK.replace(/# >>>.*\n/, '')],
    ['occurs twice', BLOCK + BLOCK],
    ['ends before it begins', '# <<< knockgate prod <<<\n# >>> knockgate prod >>>\n'],
  ])('is left alone when it %s', (_, text) => {
    expect(() => withoutHostBlock(text, 'prod')).toThrow(MalformedHostBlock);
    expect(() => withHostBlock(text, 'prod', LINES)).toThrow(MalformedHostBlock);
  });
});
