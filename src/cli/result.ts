import type { Arguments } from '../command-table/read-line.ts';
import type { Shell } from './shell.ts';

/** Prints the result of a command: a text for people, or with `--json` one object for programs. */
export function printResult(args: Arguments, shell: Pick<Shell, 'print'>, value: unknown, text: string): void {
  shell.print(args.flag('json') ? JSON.stringify(value) : text);
}
