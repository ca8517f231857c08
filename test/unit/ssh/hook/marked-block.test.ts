import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedBlock, withBlock, withoutBlock } from '../../../../src/ssh/hook/marked-block.ts';

const LINE = 'Include "/home/a/ssh-hook/config"';
const BOM = '\xEF\xBB\xBF';

/** Usual and unusual configurations: any bytes, any line ends, any last line. */
const config = fc
  .tuple(
    fc.constantFrom('', BOM),
    fc.array(
      fc.tuple(
        fc.oneof(
          fc.constantFrom('Host prod', '  HostName 192.0.2.2', '# >> knockgate', 'Include other', '', 'Match all'),
          fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) }),
        ),
        fc.constantFrom('\n', '\r\n', '\r', ''),
      ),
    ),
  )
  .map(([mark, lines]) => mark + lines.flat().join(''));

describe('the block in an SSH configuration', () => {
  it('is gone without a trace, whatever it was put into', () => {
    fc.assert(
      fc.property(config, (before) => {
        const during = withBlock(before, LINE);
        expect(during).not.toBe(before);
        expect(withoutBlock(during)).toBe(before);
        expect(withBlock(during, LINE)).toBe(during);
        expect(withoutBlock(withBlock(during, 'Include "/elsewhere"'))).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps later changes around it', () => {
    fc.assert(
      fc.property(config, config, (before, more) => {
        const marked = withBlock(before, LINE);
        expect(withoutBlock(marked + more)).toBe(before + more);
      }),
    );
  });

  it('is before every line that would limit an Include', () => {
    const during = withBlock('Host *\n  User me', LINE);
    expect(during).toMatchInlineSnapshot(`
      "# >>> knockgate >>>
      # Written by Knockgate; its command "Stop Knocking for Every SSH Connection" takes it out.
      Include "/home/a/ssh-hook/config"
      # <<< knockgate <<<
      Host *
        User me"
    `);
  });

  it('ends its lines as the file does, and stays behind a byte order mark', () => {
    expect(withBlock('Host a\r\nHost b\n', LINE).split('\r\n')).toHaveLength(6);
    expect(withBlock(`${BOM}Host a`, LINE).startsWith(`${BOM}# >>>`)).toBe(true);
  });

  it('goes together with the file when there was none', () => {
    expect(withoutBlock(withBlock(undefined, LINE))).toBeUndefined();
    expect(withoutBlock(withBlock('', LINE))).toBe('');
    expect(withoutBlock(withBlock(withBlock(undefined, LINE), LINE))).toBeUndefined();
    expect(withoutBlock(`${withBlock(undefined, LINE)}Host a`)).toBe('Host a');
    expect(withoutBlock(undefined)).toBeUndefined();
  });

  it('is found wherever it was moved to, also when an editor changed its line ends', () => {
    const block = withBlock('', LINE);
    expect(withoutBlock(`Host a\n${block}Host b`)).toBe('Host a\nHost b');
    expect(withoutBlock(`Host a\n${block.trimEnd()}`)).toBe('Host a\n');
    expect(withoutBlock(block.replaceAll('\n', '\r\n'))).toBe('');
    expect(withBlock(`Host a\n${block}`, LINE)).toBe(`${block}Host a\n`);
  });

  const block = withBlock('', LINE);
  it.each([
    ['begins twice', block + block],
    ['has no end', block.replace(/# <<<.*/, '')],
    ['has no beginning', block.replace(/# >>>.*/, '')],
    ['ends before it begins', '# <<< knockgate <<<\n# >>> knockgate >>>\n'],
    ['begins twice and ends once', `# >>> knockgate >>>\n${block}`],
    ['has something of somebody else in it', block.replace('Include', 'Host x\nInclude')],
    ['has two files', block.replace('Include', 'Include a\nInclude')],
    ['has none', block.replace(/Include.*\n/, '')],
  ])('is refused when it %s', (_, text) => {
    expect(() => withoutBlock(text)).toThrow(MalformedBlock);
    expect(() => withBlock(text, LINE)).toThrow(MalformedBlock);
  });
});
