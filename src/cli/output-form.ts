import { usageProblem } from '../command-table/problems.ts';
import type { Arguments } from '../command-table/read-line.ts';

/** The lines of a table for a spreadsheet, whose rows end in CR LF. */
export function linesOfCsv(csv: string): string[] {
  return csv.split('\r\n').slice(0, -1);
}

/**
 * The form of the output: for people, or by `--json` or `--csv`.
 * @throws Problem `usage` for both
 */
export function formOf(args: Arguments): 'text' | 'json' | 'csv' {
  const [json, csv] = [args.flag('json'), args.flag('csv')];
  if (json && csv) throw usageProblem('--json and --csv are two forms of the same output.', 'Give one of them.');
  if (json) return 'json';
  return csv ? 'csv' : 'text';
}
