import { describe, expect, it } from 'vitest';
import { helpWordsOf, readPassedOn } from '../../../src/cli/passed-on.ts';
import { CLIENT } from '../../../src/command-table/client/program.ts';
import { GATE } from '../../../src/command-table/client/servers.ts';
import { readArguments } from '../../../src/command-table/read-line.ts';

const read = (line: string) => readPassedOn(readArguments(CLIENT, GATE, line.split(' ')));

describe('a command line for the gate of a host', () => {
  it.each([
    ['prod status', ['status']],
    ['prod status --json', ['status', '--json']],
    ['prod -- list --json', ['list', '--json']],
    ['--identity key prod list', ['list']],
    ['prod list --identity key', ['list']],
    ['prod client remove old --ssh system', ['client', 'remove', 'old']],
    [
      'prod client add LINE --name x --port 22 --port udp/53',
      ['client', 'add', '--name=x', '--port=22', '--port=udp/53', 'LINE'],
    ],
    ['prod rotate --days 30', ['rotate', '--days=30']],
    ['prod rotate --finish', ['rotate', '--finish']],
  ])('%s runs %j', (line, argv) => {
    expect(read(line).argv).toEqual(argv);
  });

  it('keeps the client’s own options, wherever they are', () => {
    expect(read('prod list --identity key').own.value('identity')).toBe('key');
    expect(read('--identity key prod list').own.value('identity')).toBe('key');
    expect(read('prod list --name other').own.value('name')).toBe('other');
    // The gate's own command has an option of that name.
    const add = read('--name other prod client add LINE --name x');
    expect([add.own.value('name'), add.argv]).toEqual(['other', ['client', 'add', '--name=x', 'LINE']]);
  });

  it.each([
    ['prod', 'knockgate gate: COMMAND is missing.'],
    ['prod trial 60', 'There is no command "trial".'],
    ['prod stauts', 'There is no command "stauts". Did you mean status?'],
    ['prod client lsit', 'knockgate gate HOST client needs one of add, list, remove. Did you mean list?'],
    ['prod status --seconds 5', 'knockgate gate HOST status does not take --seconds.'],
    ['--days 3 prod rotate', 'knockgate gate does not take --days.'],
  ])('%s is refused: %s', (line, what) => {
    expect(() => read(line)).toThrow(what);
  });

  it.each([
    [['prod', 'grant'], ['grant']],
    [['grant'], ['grant']],
    [['prod'], []],
  ])('asks for help about %j', (words, about) => {
    expect(helpWordsOf(words)).toEqual(about);
  });
});
