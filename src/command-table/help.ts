import { plainText } from '../base/plain-text.ts';
import { type CommandEntry, commandsOf, fieldText, optionsOf, type ProgramEntry } from './entry.ts';
import { exitCodesOf } from './exit-codes.ts';
import { commandUnknown } from './problems.ts';
import { firstWords } from './read-line.ts';
import { argumentForm, optionForm, shortUsage } from './usage.ts';
import { hang, wrap } from './wrap.ts';

/** The overview: every command of a program. */
export function overview(program: ProgramEntry): string {
  const width = Math.max(...commandsOf(program).map(({ name }) => name.length)) + 4;
  return [
    `Usage: ${program.name} COMMAND`,
    wrap(program.summary),
    ...program.groups.map(({ title, commands }) =>
      [`${title}:`, ...commands.map(({ name, summary }) => hang(`  ${name}`, summary, width))].join('\n'),
    ),
    [...program.options.map((option) => hang(`  ${optionForm(option)}`, option.about, 20)), '  --version, --help'].join(
      '\n',
    ),
    ...program.notes.map((note) => wrap(note)),
    `More: ${program.name} help COMMAND`,
  ].join('\n\n');
}

/** Everything about one command. */
function helpOf(program: ProgramEntry, command: CommandEntry): string {
  const parts = [shortUsage(program, command), ...command.about.map((paragraph) => wrap(plainText(paragraph)))];
  const named = command.arguments.map((entry) => [argumentForm(entry), entry.about] as const);
  const options = optionsOf(program, command).map((option) => {
    const usual = option.usual === undefined ? '' : `; default: ${option.usual}`;
    return [optionForm(option), `${option.about}${usual}`] as const;
  });
  if (named.length > 0) parts.push(`Arguments:\n${list(named)}`);
  if (options.length > 0) parts.push(`Options:\n${list(options)}`);
  if (command.json !== undefined) {
    const fields = command.json.map((field) => [field.path, `${field.type}: ${fieldText(field)}`] as const);
    parts.push(`With --json:\n${list(fields.length > 0 ? fields : [['{}', 'an empty object']])}`);
  }
  const examples = command.examples.map(({ line, about }) => `  ${line}\n${hang('    ', plainText(about), 6)}`);
  parts.push(`${examples.length > 1 ? 'Examples' : 'Example'}:\n${examples.join('\n')}`);
  return parts.join('\n\n');
}

/**
 * Text that is printed when help is asked for: the overview, a command, the commands that begin with a word such as `client`, or the
 * exit codes.
 * @param argv without the words that ask for help; arguments of a command may follow its name
 * @throws Problem `usage`
 */
export function helpFor(program: ProgramEntry, argv: readonly string[]): string {
  const [first, second] = firstWords(program, argv);
  if (first === undefined) return overview(program);
  if (first === EXIT_CODES) return `Exit codes of ${program.name}:\n\n${list(exitCodeRows(program.name))}`;
  const commands = commandsOf(program);
  const found = [`${first} ${second}`, first].flatMap((asked) => commands.find(({ name }) => name === asked) ?? []);
  if (found[0] !== undefined) return helpOf(program, found[0]);
  const below = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (below.length > 0) return below.map((command) => helpOf(program, command)).join('\n\n\n');
  throw commandUnknown(program, first, [EXIT_CODES]);
}

const EXIT_CODES = 'exit-codes';

function exitCodeRows(program: string): (readonly [string, string])[] {
  return exitCodesOf(program).map(({ code, meaning }) => [String(code), meaning] as const);
}

function list(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(MOST_LEFT, Math.max(...rows.map(([left]) => left.length))) + 4;
  return rows.map(([left, right]) => hang(`  ${left}`, plainText(right), width)).join('\n');
}

/** A longer term has a line of its own. */
const MOST_LEFT = 22;
