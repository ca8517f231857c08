import { expect, it } from 'vitest';
import { shellWord } from '../../../src/os/shell-word.ts';

it.each([
  ['/home/a/key', '/home/a/key'],
  ['/home/a b/key', "'/home/a b/key'"],
  ["a'; reboot", "'a'\\''; reboot'"],
  ['ssh://u@h;curl', "'ssh://u@h;curl'"],
  ['C:\\Users\\a\\key', 'C:\\Users\\a\\key'],
  ['C:\\Users\\a b\\key', '"C:\\Users\\a b\\key"'],
  ['C:\\a&calc', "'C:\\a&calc'"],
  ['', "''"],
])('%s can be pasted into a shell as %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});
