import { describe, expect, it } from 'vitest';
import { CLIENT } from '../../../src/command-table/client/program.ts';
import { commandsOf, type OptionEntry, optionsOf } from '../../../src/command-table/entry.ts';
import { GATE } from '../../../src/command-table/gate/program.ts';
import { helpFor } from '../../../src/command-table/help.ts';

const PROGRAMS = [CLIENT, GATE];
const commands = PROGRAMS.flatMap((program) => commandsOf(program).map((command) => ({ program, command })));
const titled = commands.map((each) => [`${each.program.name} ${each.command.name}`, each] as const);

describe('the command table', () => {
  it('has commands of both programs', () => {
    expect(titled.map(([title]) => title)).toEqual(
      expect.arrayContaining(['knockgate knock', 'knockgated client add']),
    );
  });

  it.each(titled)('explains %s in full', (title, { program, command }) => {
    const help = helpFor(program, command.name.split(' '));
    expect(help).toContain(`Usage: ${title}`);
    for (const { name } of command.arguments) expect(help).toContain(name);
    for (const { name } of optionsOf(program, command)) expect(help).toContain(`--${name}`);
    for (const { line } of command.examples) expect(help).toContain(line);
    expect(help.split('\n').filter((line) => line.length > 88 && !/^ {2}(knockgate|ssh)/.test(line))).toEqual([]);
  });

  it.each(titled)('has each option of %s once, and an example of it', (_, { program, command }) => {
    const own = optionsOf(program, command).filter(({ name }) => name !== 'json' && name !== 'config');
    expect(new Set(own.map(({ name }) => name)).size).toBe(own.length);
    const lines = command.examples.map(({ line }) => `${line} `).join('\n');
    expect(own.map(({ name }) => `--${name} `).filter((option) => !lines.includes(option))).toEqual([]);
  });

  it.each(titled)('writes the words of %s in one form', (_, { command }) => {
    expect(command.summary).toMatch(/^[A-Z].*[^.]$/);
    for (const paragraph of command.about) expect(paragraph).toMatch(/^[A-Z`'[].*[.:A-Z]$/);
    for (const { about } of command.options) expect(about).toMatch(/^[^A-Z].*[^.]$|^UDP/);
    for (const { about } of command.examples) expect(about).toMatch(/^[A-Z].*\.$/);
  });

  it('has options that take a value everywhere or nowhere: a line is read before its command is known', () => {
    const forms = new Map<string, OptionEntry[]>();
    for (const { program, command } of commands)
      for (const option of optionsOf(program, command))
        forms.set(option.name, [...(forms.get(option.name) ?? []), option]);
    const mixed = [...forms].filter(([, same]) => new Set(same.map(({ value }) => value === undefined)).size > 1);
    expect(mixed.map(([name]) => name)).toEqual([]);
  });
});

describe('help', () => {
  it.each(titled)(
    'of %s has no blanks at the end of a line, and no gap below an example',
    (_, { program, command }) => {
      const text = helpFor(program, command.name.split(' '));
      expect(text.split('\n').filter((line) => /\s$/.test(line))).toEqual([]);
      for (const { about } of command.examples) expect(text).toMatch(new RegExp(`\n {6}${about.split(' ')[0]}`));
    },
  );

  it('without a command is the overview, in columns', () => {
    for (const program of PROGRAMS) {
      const text = helpFor(program, []);
      for (const { name, summary } of commandsOf(program)) {
        expect(text).toContain(`  ${name} `);
        expect(text.replaceAll(/\s+/g, ' ')).toContain(summary);
      }
    }
  });

  it('for a word of several commands is the help of each', () => {
    expect(helpFor(GATE, ['client']).match(/^Usage: .*/gm)).toEqual([
      'Usage: knockgated client add LINE… [options]',
      'Usage: knockgated client list [options]',
      'Usage: knockgated client remove NAME [options]',
    ]);
  });

  it('lists the exit codes', () => {
    expect(helpFor(CLIENT, ['exit-codes'])).toMatch(/^ {2}12 +the host did not answer/m);
    expect(helpFor(GATE, ['exit-codes'])).not.toMatch(/^ {2}12 /m);
  });

  it('of an unknown command names the one that was meant', () => {
    expect(() => helpFor(CLIENT, ['konck'])).toThrow('There is no command "konck". Did you mean knock?');
  });
});
