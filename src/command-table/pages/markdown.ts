import { type CommandEntry, commandsOf, fieldText, optionsOf, type ProgramEntry } from '../entry.ts';
import { exitCodesOf } from '../exit-codes.ts';
import { argumentForm, fullUsage, optionForm } from '../usage.ts';

/** docs/cli.md: every command of both programs. */
export function referencePage(programs: readonly ProgramEntry[]): string {
  const parts = [
    '# The command line',
    '<!-- Made by `npm run docs` from src/command-table: edit that. -->',
    INTRODUCTION,
    ...programs.flatMap((program) => [
      `## ${program.name}`,
      program.summary,
      contents(program),
      ...(program.options.length > 0 ? ['Every command takes:', optionTable(program.options)] : []),
      ...commandsOf(program).flatMap((command) => section(program, command)),
      `### Exit codes of ${program.name}`,
      table(
        ['code', 'meaning'],
        exitCodesOf(program.name).map(({ code, meaning }) => [String(code), meaning]),
      ),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

const INTRODUCTION = [
  '`knockgate` is the program on your machine, `knockgated` is the one on a server.',
  '[Dialogues](dialogues.md) shows how it goes.',
  'Both print this with `help COMMAND`, and tell what an exit code means with `help exit-codes`.',
  '',
  '`man knockgated` works on a server that has a gate.',
  'For `man knockgate`: `mkdir -p ~/.local/share/man/man1 && ln -s "$PWD/dist/knockgate.1" ~/.local/share/man/man1/`, in the clone that you installed from.',
  'For the completion of your shell: [`knockgate completion`](#knockgate-completion).',
  '',
  'With `--json` a command prints one line of JSON on standard output, and nothing else there: an object, or a list where the table says so.',
  'An error is `{"error": {"code", "what", "why", "next"}}`: `code` never changes once it was released, the others are for people.',
  'In the tables below, `a[].b` is the field `b` of each element of the list `a`, `a.*` is each field of the object `a`, and `[].b` is the field `b` of each element of a list.',
  'Commands that hand over to another program (`connect`, `recover`), print another format (`completion`, `metrics`) or are started by systemd (`run-action`) have no `--json`.',
].join('\n');

function contents(program: ProgramEntry): string {
  return program.groups
    .map(({ title, commands }) => {
      const links = commands.map(({ name }) => `[${name}](#${anchor(`${program.name} ${name}`)})`);
      return `* ${title}: ${links.join(', ')}`;
    })
    .join('\n');
}

const anchor = (heading: string) => heading.replaceAll(' ', '-');

function section(program: ProgramEntry, command: CommandEntry): string[] {
  const own = optionsOf(program, command).filter((option) => !program.options.includes(option));
  const named = command.arguments.map((entry) => [`\`${argumentForm(entry)}\``, entry.about]);
  return [
    `### ${program.name} ${command.name}`,
    ...command.about.map(oneSentenceALine),
    `\`\`\`\n${usageLines(fullUsage(program, command))}\n\`\`\``,
    ...(named.length > 0 ? [table(['argument', 'meaning'], named)] : []),
    ...(own.length > 0 ? [optionTable(own)] : []),
    ...json(command),
    ...command.examples.map(({ line, about }) => `${about}\n\n\`\`\`sh\n${line}\n\`\`\``),
  ];
}

/** The parts of a usage, broken so that it needs no scrolling. */
function usageLines(parts: readonly string[]): string {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${part}`.length <= USAGE_COLUMNS) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(last === undefined ? part : `    ${part}`);
  }
  return lines.join('\n');
}

const USAGE_COLUMNS = 100;

function optionTable(options: readonly { name: string; value?: string; about: string; usual?: string }[]): string {
  return table(
    ['option', 'meaning', 'default'],
    options.map((option) => [`\`${optionForm(option)}\``, option.about, option.usual ?? '']),
  );
}

function json({ json: fields }: CommandEntry): string[] {
  if (fields === undefined) return [];
  if (fields.length === 0) return ['With `--json`: `{}`.'];
  const rows = fields.map((field) => [`\`${field.path}\``, `\`${field.type}\``, fieldText(field)]);
  return ['With `--json`:', table(['field', 'type', 'meaning'], rows)];
}

function oneSentenceALine(text: string): string {
  return text.replaceAll(/(?<=[.:]) (?=[A-Z])/g, '\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
