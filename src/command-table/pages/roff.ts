import { type CommandEntry, commandsOf, type OptionEntry, optionsOf, type ProgramEntry } from '../entry.ts';
import { exitCodesOf } from '../exit-codes.ts';
import { argumentForm } from '../usage.ts';

/*
 * The parts of a manual page that are made from the table, man(7).
 */

/** Text as roff prints it unchanged. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('…', '...')
    .replace(/^\./, '\\&.');
}

const bold = (text: string) => `\\fB${plain(text)}\\fR`;
const italic = (text: string) => `\\fI${plain(text)}\\fR`;

function optionText({ name, value }: OptionEntry): string {
  return value === undefined ? bold(`--${name}`) : `${bold(`--${name}`)} ${italic(value)}`;
}

function argumentsText(command: CommandEntry): string[] {
  return command.arguments.map((entry) => (entry.optional ? argumentForm(entry) : argumentForm(entry))).map(italic);
}

/** A sentence a line, as man-pages(7) asks for. */
function paragraph(text: string): string {
  return plain(text).replaceAll(/(?<=[.:]) (?=[A-Z])/g, '\n');
}

/** Forms of all commands, a line each. */
export function synopsis(program: ProgramEntry): string {
  const lines = commandsOf(program).map((command) => {
    const options = optionsOf(program, command).length > 0 ? `[${italic('options')}]` : '';
    const [first, ...others] = argumentsText(command);
    const parts = command.passesOn === undefined ? [first, ...others, options] : [first, options, ...others];
    return [bold(program.name), bold(command.name), ...parts].filter((part) => part).join(' ');
  });
  const more = [
    `${bold(program.name)} ${bold('help')} [${italic('COMMAND')}]`,
    `${bold(program.name)} ${bold('--version')}`,
  ];
  return [...lines, ...more].join('\n.br\n');
}

/** Every command with its options. */
export function commandSections(program: ProgramEntry): string {
  return program.groups
    .flatMap(({ title, commands }) => [
      `.SS ${plain(title)}`,
      ...commands.flatMap((command) => commandSection(program, command)),
    ])
    .join('\n');
}

function commandSection(program: ProgramEntry, command: CommandEntry): string[] {
  const [first = '', ...more] = command.about;
  const own = optionsOf(program, command).filter((option) => !program.options.includes(option));
  const terms = [
    ...command.arguments.map((entry) => ['.TP', italic(argumentForm(entry)), sentence(entry.about)]),
    ...own.map((option) => ['.TP', optionText(option), sentence(withUsual(option))]),
  ];
  return [
    '.TP',
    [bold(command.name), ...argumentsText(command)].join(' '),
    paragraph(first),
    ...more.flatMap((text) => ['.IP', paragraph(text)]),
    ...(terms.length > 0 ? ['.RS', ...terms.flat(), '.RE'] : []),
  ];
}

function withUsual({ about, usual }: OptionEntry): string {
  return usual === undefined ? about : `${about}; default: ${usual}`;
}

/** The table writes neither a capital nor a full stop. */
function sentence(text: string): string {
  return `${paragraph(text.charAt(0).toUpperCase() + text.slice(1))}.`;
}

/** The options that every command takes. */
export function commonOptions(program: ProgramEntry): string {
  const own = program.options.flatMap((option) => ['.TP', optionText(option), sentence(withUsual(option))]);
  const asked = [
    ['--version', 'Prints the version.'],
    ['--help', 'Prints the commands, or what follows the name of one.'],
  ].flatMap(([name = '', text = '']) => ['.TP', bold(name), text]);
  return [...own, ...asked].join('\n');
}

/** The examples of every command. */
export function examples(program: ProgramEntry): string {
  return commandsOf(program)
    .flatMap((command) => command.examples)
    .flatMap(({ line, about }) => ['.PP', paragraph(about), '.PP', '.RS 4', '.nf', plain(line), '.fi', '.RE'])
    .slice(1)
    .join('\n');
}

/** Meanings of the exit codes. */
export function exitStatus(program: ProgramEntry): string {
  return exitCodesOf(program.name)
    .flatMap(({ code, meaning }) => ['.TP', `.B ${code}`, sentence(meaning)])
    .join('\n');
}
