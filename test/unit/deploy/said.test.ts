import { expect, it } from 'vitest';
import { inEnglish } from '../../../src/base/phrase.ts';
import { saidText } from '../../../src/deploy/said.ts';

const said = (text: string) => inEnglish(saidText(text));

it('quotes one line, and shows several below each other', () => {
  expect(said(' \n')).toBe('It said nothing.');
  expect(said('no "way"\n')).toBe('It said: "no \\"way\\""');
  expect(said('knockgate: "prod" is not known.\r\nAdd it.\n')).toBe(
    'It said:\n    knockgate: "prod" is not known.\n    Add it.',
  );
});

it('keeps the beginning, and no more than a screen takes', () => {
  const lines = said(Array.from({ length: 50 }, (_, i) => `line ${i} ${'x'.repeat(500)}`).join('\n')).split('\n');
  expect([lines.length, lines[1]?.startsWith('    line 0 x'), lines.at(-1)]).toEqual([10, true, '    …']);
  expect(Math.max(...lines.map((line) => line.length))).toBe(204);
});

it('shows nothing that a terminal obeys, and no link', () => {
  expect(said('a\x1b[2Jb\n[click](command:x)')).toBe('It said:\n    a\\u001b[2Jb\n    [click] (command:x)');
});
