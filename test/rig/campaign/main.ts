import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leaveOnSignal } from '../leave.ts';
import { line, PAGE, page, summary } from './report.ts';
import type { Row } from './row.ts';
import { ROWS } from './rows.ts';
import { type Result, runRow } from './run-row.ts';

export interface CampaignOptions {
  /** Only the rows of the short form. */
  readonly isShort: boolean;
  /** Only rows whose part or name has this text in it. */
  readonly only: string;
  /** How many rows run at the same time. */
  readonly beside: number;
  /** The machine, for the page. */
  readonly where: string;
  readonly root: string;
}

/** Runs rows and reports them. A whole run writes the page. Returns the exit code: 0 when no promise was broken. */
export async function campaign({ isShort, only, beside, where, root }: CampaignOptions): Promise<number> {
  leaveOnSignal(() => {});
  const rows = ROWS.filter((row) => !isShort || row.isShort).filter((row) =>
    `${row.group}: ${row.name}`.includes(only),
  );
  const results = await runAll(rows, beside);
  process.stdout.write(`${summary(results)}\n`);
  if (rows.length === ROWS.length) writeFileSync(join(root, PAGE), page(results, where));
  return results.length > 0 && results.every(({ breaches }) => breaches.length === 0) ? 0 : 1;
}

/** In the order of the rows, whichever ends first. */
async function runAll(rows: readonly Row[], beside: number): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < rows.length; n = next++) {
      const row = rows[n];
      if (row === undefined) return;
      const result = await runRow(row);
      results[n] = result;
      process.stdout.write(`${line(result)}\n`);
    }
  };
  await Promise.all(Array.from({ length: beside }, worker));
  return results;
}
