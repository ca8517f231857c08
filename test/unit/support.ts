import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Problem, type ProblemText } from '../../src/spa/problem.ts';

/** A folder that goes when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'knockgate-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The text of the problem that something ends in. */
export async function problemOf(action: () => unknown): Promise<ProblemText> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Problem) return error.text;
    throw error;
  }
  throw new Error('no problem');
}
