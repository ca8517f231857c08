import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dialogueNames, readDialogue } from '../../rig/dialogue.ts';
import { EXAMPLES } from '../../rig/examples.ts';
import { SCRIPT } from '../../rig/examples-script.ts';

/** Lines that other tests type, or that the build itself is. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm install && npm run build': 'scripts/ci.mjs, in a clean clone',
  'npm run package': 'scripts/ci.mjs, before the tests in the editor',
  'npm run demo': 'scripts/ci.mjs, and test/gate/demo.test.ts',
  'mkdir -p ~/.local/bin && ln -s "$PWD/dist/knockgate.cjs" ~/.local/bin/knockgate': 'test/gate/examples.test.ts',
  'export PATH="$HOME/.local/bin:$PATH"': 'test/gate/examples.test.ts',
};

const README = readFileSync('README.md', 'utf8');

/** Commands to be typed as they are: those in blocks. */
function blockCommands(): string[] {
  const blocks = [...README.matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.split('\n'));
  const typed = blocks.filter((line) => /^(\$ |npm |mkdir |export |knockgate)/.test(line));
  return typed.map((line) =>
    line
      .replace(/^\$ /, '')
      .replace(/ +#.*$/, '')
      .trim(),
  );
}

/** Commands that the text names, without what stands for a name: `knockgate recover FILE`. */
function namedCommands(): string[] {
  const named = [...README.matchAll(/`((?:knockgated?|npm run|systemctl) [^`]+)`/g)];
  return named.map(([, line = '']) => line.replace(/ [A-Z]+$/, ''));
}

describe('README', () => {
  const lines = [
    ...EXAMPLES.map(({ line }) => line),
    ...SCRIPT.map(({ line }) => line),
    ...dialogueNames().flatMap((name) => readDialogue(name).map(({ command }) => command)),
  ];
  const typed = new Set(lines.flatMap((line) => [line, ...line.split(' && ')]));
  const isElsewhere = (command: string) => command in ELSEWHERE;

  it('has no command in a block that no test types as it is', () => {
    const commands = blockCommands();
    expect(commands.length).toBeGreaterThan(5);
    expect(commands.filter((command) => !typed.has(command) && !isElsewhere(command))).toEqual([]);
  });

  it('names no command that no test types', () => {
    const isTyped = (command: string) => [...typed].some((line) => `${line} `.startsWith(`${command} `));
    expect(namedCommands().filter((command) => !isTyped(command) && !isElsewhere(command))).toEqual([]);
  });
});
