import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { Problem, type ProblemText } from '../../src/base/problem.ts';

/** A folder that goes when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'knockgate-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Expects a file, or a folder, to have these permissions; on Windows, where there are none, to be there. */
export function expectMode(path: string, mode: number): void {
  const found = statSync(path).mode & 0o777;
  if (process.platform !== 'win32') expect(found.toString(8)).toBe(mode.toString(8));
}

/** Where a test's own server can listen: a socket in that folder, or a named pipe on Windows. */
export function socketIn(folder: string): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\${basename(folder)}` : join(folder, 'socket');
}

/** Runs an action that must fail with a Problem. @returns its text */
export async function problemOf(action: () => unknown): Promise<ProblemText> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Problem) return error.text;
    throw error;
  }
  throw new Error('no problem');
}
