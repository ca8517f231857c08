import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Typist } from './typist.ts';

/*
 * Dialogues of a person with the programs, as text files that tests type and compare, and docs/dialogues.md quotes. A line that
 * begins with `$ ` is typed on the person's computer, one with `root@prod# ` on a server; the lines below it are what is shown.
 *
 *   Do this? [yes/no] «yes»        the person types yes
 *   Passphrase of key: ‹secret›    the same, and the terminal does not show it
 *   <key>, <number>, <text>, …     a part that differs each time
 *   <more lines>                   any lines
 */

const FOLDER = 'test/transcripts';

/** Dialogues by the test that types them: one story, in their order. */
export const DIALOGUES = {
  'test/gate/dialogues.test.ts': [
    '01-key-and-gate',
    '02-knock',
    '03-status',
    '04-ssh-config',
    '05-diagnose',
    '06-remove',
  ],
  'test/deploy/dialogues.long.test.ts': ['07-deploy', '08-many-hosts'],
  'test/deploy/moving.long.test.ts': ['09-moving-from-knockd', '10-moving-from-fwknop'],
} as const;

/** A command, and what is shown below it. */
export interface Exchange {
  /** Name of the server; empty for the person's own computer. */
  readonly at: string;
  readonly command: string;
  readonly lines: readonly string[];
}

/** Names of all dialogues, in their order. */
export function dialogueNames(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => name.slice(0, -'.txt'.length))
    .sort();
}

/** Reads a dialogue. Its first lines are a title and what it is about. */
export function readDialogue(name: string): Exchange[] {
  const exchanges: { at: string; command: string; lines: string[] }[] = [];
  for (const line of readFileSync(join(FOLDER, `${name}.txt`), 'utf8')
    .trimEnd()
    .split('\n')) {
    const [, at, command] = /^(?:\$|root@(\w+)#) (.*)$/.exec(line) ?? [];
    if (command !== undefined) exchanges.push({ at: at ?? '', command, lines: [] });
    else exchanges.at(-1)?.lines.push(line);
  }
  // An empty line in front of the next command is for the reader.
  return exchanges.map((exchange) => ({ ...exchange, lines: exchange.lines.join('\n').trimEnd().split('\n') }));
}

const ANSWER = /[«‹](.*?)[»›]/;
/** Characters of a question by which it is recognized. */
const TAIL = 10;

/** Answers the questions of a command that runs at a terminal, and waits for its end. Returns what was shown. */
export async function answer(person: Typist, { lines }: Exchange): Promise<string> {
  try {
    for (const line of lines) {
      const [whole, typed] = ANSWER.exec(line) ?? [];
      if (whole === undefined) continue;
      await person.sees(line.slice(0, line.indexOf(whole)).slice(-TAIL));
      person.type(`${typed}\r`);
    }
    await person.ends();
    return person.shown;
  } finally {
    person.leave();
  }
}

/** Parts that differ each time. */
const PARTS: Readonly<Record<string, string>> = {
  key: '[A-Za-z0-9_-]{43}',
  number: '\\d+(?:\\.\\d+)?',
  text: '.+',
};
const MORE_LINES = '<more lines>';

/**
 * Compares what was shown with a dialogue.
 * @returns the lines of the dialogue as they should have been shown: a line that fits is as it was shown
 */
export function expectedLines({ lines }: Exchange, shown: readonly string[]): string[] {
  const expected: string[] = [];
  let at = 0;
  for (const [i, line] of lines.entries()) {
    if (line === MORE_LINES) {
      const next = lines[i + 1];
      while (at < shown.length && (next === undefined || !fits(next, shown[at] ?? '')))
        expected.push(shown[at++] ?? '');
    } else {
      const present = shown[at++];
      expected.push(present !== undefined && fits(line, present) ? present : line);
    }
  }
  return expected;
}

function fits(line: string, shown: string): boolean {
  const plain = line.replace(/«(.*?)»/, '$1').replace(/‹.*?›/, '');
  const pattern = plain
    .split(/<(\w+)>/)
    .map((part, i) => (i % 2 === 1 ? (PARTS[part] ?? `<${part}>`) : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('')
    // Columns are as wide as their widest cell.
    .replaceAll(/ {2,}/g, ' {2,}');
  return new RegExp(`^${pattern}$`).test(shown.trimEnd()) || plain.trimEnd() === shown.trimEnd();
}
