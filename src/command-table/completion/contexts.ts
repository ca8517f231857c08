import {
  type CommandEntry,
  commandsOf,
  type OptionEntry,
  optionsOf,
  type ProgramEntry,
  type Proposals,
} from '../entry.ts';

/** Words that may be typed at one point of a command line. */
export interface Context {
  /** The commands so far, such as `client add`; empty at the begin. */
  readonly key: string;
  /** Words that go on, with what they mean. */
  readonly words: readonly (readonly [word: string, about: string])[];
  readonly options: readonly OptionEntry[];
  /** Proposals for each argument; undefined for text of one's own. The last one goes on when `goesOn`. */
  readonly arguments: readonly (Proposals | undefined)[];
  readonly goesOn: boolean;
  /** How many arguments come before `words`: 1 for `gate HOST …`. */
  readonly wordsAfter: number;
}

/** Every point of a program's command lines. */
export function contextsOf(program: ProgramEntry): readonly Context[] {
  const help = ['help', 'Explain a command'] as const;
  const [top, ...others] = below(program, '', 0, []);
  if (top === undefined) return [];
  const names = [...new Set(commandsOf(program).flatMap(({ name }) => name.split(' ').slice(0, 1)))];
  const explain: Context = {
    key: 'help',
    words: [],
    options: [],
    arguments: [[...names, 'exit-codes']],
    goesOn: false,
    wordsAfter: 0,
  };
  const asked = ['version', 'help'].map((name) => ({ name, about: `print the ${name}` }));
  return [{ ...top, words: [...top.words, help], options: [...top.options, ...asked] }, explain, ...others];
}

/** @param prefix the key of the command that passes on to this program, if one does */
function below(program: ProgramEntry, prefix: string, wordsAfter: number, options: readonly OptionEntry[]): Context[] {
  const commands = commandsOf(program);
  const firsts = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))];
  const isGroup = (first: string) => commands.every(({ name }) => name !== first);
  const wordsOf = (first: string) => {
    const [only] = commands.filter(({ name }) => name.split(' ')[0] === first);
    return [
      first,
      isGroup(first)
        ? `${commands
            .filter(({ name }) => name.startsWith(`${first} `))
            .map(({ name }) => name.slice(first.length + 1))
            .join(', ')}`
        : (only?.summary ?? ''),
    ] as const;
  };
  const keyOf = (name: string) => (prefix === '' ? name : `${prefix} ${name}`);
  const groups = firsts.filter(isGroup).map((first): Context => {
    const parts = commands.filter(({ name }) => name.startsWith(`${first} `));
    const words = parts.map(({ name, summary }) => [name.slice(first.length + 1), summary] as const);
    return { key: keyOf(first), words, options: program.options, arguments: [], goesOn: false, wordsAfter: 0 };
  });
  const top: Context = { key: prefix, words: firsts.map(wordsOf), options, arguments: [], goesOn: false, wordsAfter };
  return [top, ...groups, ...commands.flatMap((command) => contextsOfCommand(program, command, keyOf(command.name)))];
}

function contextsOfCommand(program: ProgramEntry, command: CommandEntry, key: string): Context[] {
  const options = optionsOf(program, command);
  const proposed = command.arguments.map(({ proposes }) => proposes);
  if (command.passesOn !== undefined) {
    const [top, ...others] = below(command.passesOn, key, 1, options);
    return top === undefined ? [] : [{ ...top, arguments: proposed.slice(0, 1) }, ...others];
  }
  const goesOn = command.arguments.some(({ many }) => many === true);
  return [{ key, words: [], options, arguments: proposed, goesOn, wordsAfter: 0 }];
}

/** The options that take a value, in all contexts: the word behind one is not a word of the command line's own. */
export function optionsWithValue(contexts: readonly Context[]): readonly OptionEntry[] {
  const all = contexts.flatMap(({ options }) => options).filter(({ value }) => value !== undefined);
  return all.filter(({ name }, i) => all.findIndex((each) => each.name === name) === i);
}
