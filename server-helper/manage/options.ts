import { parseArgs } from 'node:util';
import { reasonOf, usage } from '../problems.ts';

/** Every option of every subcommand. */
const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  address: { type: 'string' },
  name: { type: 'string' },
  new: { type: 'boolean', default: false },
  adopt: { type: 'boolean', default: false },
  link: { type: 'boolean', default: false },
  days: { type: 'string' },
  back: { type: 'boolean', default: false },
  finish: { type: 'boolean', default: false },
  port: { type: 'string', multiple: true, default: [] as string[] },
  seconds: { type: 'string' },
  'psk-file': { type: 'string' },
  pcap: { type: 'string' },
} as const;

export type OptionName = keyof typeof OPTIONS;

/** Options that every subcommand takes. */
const COMMON: readonly OptionName[] = ['config', 'json', 'help'];

/** A command line. */
export type Arguments = ReturnType<typeof readArguments>;

/** The options of a command line, with their defaults. */
export type Options = Arguments['values'];

/**
 * @param argv without the program's name
 * @throws Problem `usage` for an option that no subcommand has
 */
export function readArguments(argv: readonly string[]) {
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...argv],
      options: OPTIONS,
      allowPositionals: true,
      tokens: true,
    });
    const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    return { values, positionals, given };
  } catch (error) {
    // What Node says behind the first sentence is about programming.
    throw usage(reasonOf(error).split('. ')[0] ?? '');
  }
}

/** @throws Problem `usage` for an option that this subcommand does not take: it would be ignored */
export function expectOptions(command: string, given: readonly string[], taken: readonly OptionName[]): void {
  const ignored = given.find((name) => ![...COMMON, ...taken].some((each) => each === name));
  if (ignored !== undefined) throw usage(`knockgated ${command} does not take --${ignored}.`);
}
