import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { systemErrorCode } from '../os/system-error.ts';

/**
 * Runs a program with the input and output of this one, and waits for its end.
 * @returns its exit code, as in a shell: 128 and the number of the signal that ended it. Undefined when there is no such program
 */
export function runProgram(program: string, args: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.once('error', (error) => {
      if (systemErrorCode(error) === 'ENOENT') resolve(undefined);
      else reject(error);
    });
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
