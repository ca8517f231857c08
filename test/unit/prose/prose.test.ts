import { describe, expect, it } from 'vitest';
import { contorted, proseFaults, prosePaths, questioningDocstrings } from '../../../scripts/prose.mjs';

describe('all lines', () => {
  it('are plain English: scripts/prose.mjs lists what to avoid', () => {
    expect(proseFaults().join('\n')).toBe('');
  });

  it('are looked for in code, texts, documents and manuals', () => {
    expect(prosePaths()).toEqual(
      expect.arrayContaining([
        'src/vscode/extension.ts',
        'server-helper/man/knockgated.8',
        'server-helper/systemd/knockgate.service',
        'scripts/ci.mjs',
        'docs/protocol.md',
        'README.md',
        'package.nls.json',
      ]),
    );
  });
});

describe('a phrase to avoid', () => {
  it.each([
    ['the key of before', 'of before'],
    ['says what came of it', 'what came of'],
    ['when somebody thinks better of it', 'thinks better of'],
    ['which folder cannot be told', 'cannot be told'],
    ["'{0}: not sent, the key is not right.'", 'is not right'],
    ['Whoever knows it', 'Whoever'],
    ['a client that may have it run', 'have it run'],
    ['sequences that have the action run', 'have the action run'],
    ['as it stands in access.conf', 'stands'],
    ['as often as he likes', 'he'],
    ['a server that is no gate', 'is no g'],
    ['a start goes without what is broken', 'goes without what'],
    ['only such as no shell reads', 'such as no'],
    ['in the place of the old one', 'in the place of'],
    ['declined in so many words', 'in so many words'],
    ['its slowest answer of late', 'of late'],
    ['is none the worse for it', 'none the worse'],
    ['the field is there twice', 'is there twice'],
  ])('is found in "%s"', (line, phrase) => {
    expect(contorted(`plain\n${line}`)).toMatchObject([{ number: 2, hits: [{ phrase }] }]);
  });

  it.each([
    'There is no gate at this address.',
    'It is no longer open, and there was no reason to knock.',
    'The key is not right away at hand.',
    'SPA stands for single packet authorization; stand-ins stand in for the kernel.',
    'That has been run, has long run out, and had a trial run.',
    'the host, the other, these, this',
  ])('is not "%s"', (line) => {
    expect(contorted(line)).toEqual([]);
  });
});

describe('a docstring that begins with a question word', () => {
  it.each([
    ['/** What a knock needs. */', 1, 'What'],
    ['const a = 1;\n\n/**\n * Who knocks,\n * and why.\n */', 4, 'Who'],
    ['  /** Whose key it is. */', 1, 'Whose'],
    ['/*\n * What commands do.\n */', 2, 'What'],
  ])('is found: %j', (text, number, phrase) => {
    expect(questioningDocstrings(text)).toMatchObject([{ number, hits: [{ phrase }] }]);
  });

  it.each([
    '/** Whether it is open. */',
    '/** How long it is open. */',
    '// What follows is read once.',
    '/** Knocks. What now? */',
  ])('is not: %s', (text) => {
    expect(questioningDocstrings(text)).toEqual([]);
  });
});
