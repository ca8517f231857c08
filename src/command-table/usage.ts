import { type ArgumentEntry, type CommandEntry, type OptionEntry, optionsOf, type ProgramEntry } from './entry.ts';

/** `[FILE]`, `LINE…` */
export function argumentForm({ name, optional, many }: ArgumentEntry): string {
  const form = many === true ? `${name}…` : name;
  return optional === true ? `[${form}]` : form;
}

/** `--port PORT,…` */
export function optionForm({ name, value }: OptionEntry): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

/** `Usage: knockgate knock HOST [options]` */
export function shortUsage(program: ProgramEntry, command: CommandEntry): string {
  const forms = command.arguments.map(argumentForm);
  const options = optionsOf(program, command).length > 0 ? ['[options]'] : [];
  const parts = command.passesOn ? [...forms.slice(0, 1), ...options, ...forms.slice(1)] : [...forms, ...options];
  return `Usage: ${[program.name, command.name, ...parts].join(' ')}`;
}
/** `knockgate knock HOST` and its options, each in brackets. */
export function fullUsage(program: ProgramEntry, command: CommandEntry): readonly string[] {
  const own = optionsOf(program, command).filter((option) => !program.options.includes(option));
  return [
    `${program.name} ${command.name}`,
    ...command.arguments.map(argumentForm),
    ...own.map((option) => `[${optionForm(option)}]${option.many === true ? '…' : ''}`),
  ];
}
