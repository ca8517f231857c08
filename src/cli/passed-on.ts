import { commandsOf } from '../command-table/entry.ts';
import { FROM_AFAR } from '../command-table/gate/from-afar.ts';
import { type Arguments, findCommand, readArguments } from '../command-table/read-line.ts';

/** A command line for the gate, and the options among it that are the client's own. */
export interface PassedOn {
  /** Arguments for `knockgated`. */
  readonly argv: readonly string[];
  readonly own: Arguments;
}

/**
 * Reads what follows `knockgate gate HOST`. An option there is the gate's if its command takes it, and otherwise the client's.
 * @param args the client's own options, in front of that
 * @throws Problem `usage`
 */
export function readPassedOn(args: Arguments): PassedOn {
  const { command, args: words } = findCommand(FROM_AFAR, args.rest);
  const passed = readArguments(FROM_AFAR, command, words);
  const isTheirs = (name: string) => command.options.some((option) => option.name === name);
  const options = command.options.flatMap(({ name, value }) =>
    value === undefined
      ? passed.flag(name)
        ? [`--${name}`]
        : []
      : passed.values(name).map((given) => `--${name}=${given}`),
  );
  const json = passed.flag('json') ? ['--json'] : [];
  const own: Arguments = {
    ...args,
    values: (name) => (isTheirs(name) ? args.values(name) : [...args.values(name), ...passed.values(name)]),
    value: (name) => (isTheirs(name) ? undefined : passed.value(name)) ?? args.value(name),
    flag: (name) => args.flag(name) || (!isTheirs(name) && passed.flag(name)),
  };
  return { argv: [...command.name.split(' '), ...options, ...json, ...passed.positionals], own };
}

/** The words of a question for help that are about the gate's commands: `gate prod grant`, `gate grant`. */
export function helpWordsOf(words: readonly string[]): readonly string[] {
  const names = commandsOf(FROM_AFAR).map(({ name }) => name.split(' ')[0]);
  return names.includes(words[0]) ? words : words.slice(1);
}
