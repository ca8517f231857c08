import { Problem } from '../base/problem.ts';
import { LEAST_PASSPHRASE } from '../client/keys/sealed-key-file.ts';
import type { Shell } from './shell.ts';
import type { Asking } from './terminal.ts';

/** Times that a passphrase is asked for, as sudo does. */
const MOST_TRIES = 3;

/**
 * Asks for the passphrase of a file that is there, and opens it; asks again after a wrong one. Undefined when the input has ended.
 * @throws Problem `passphrase-wrong` after the last try; whatever else `open` throws
 */
export async function askUntilOpen<T>(
  terminal: Pick<Asking, 'secret'>,
  shell: Pick<Shell, 'tell'>,
  path: string,
  open: (passphrase: string) => Promise<T>,
): Promise<T | undefined> {
  let wrong: Problem | undefined;
  for (let left = MOST_TRIES; left > 0; left--) {
    const passphrase = await terminal.secret(`Passphrase of ${path}:`);
    if (passphrase === undefined) break;
    try {
      return await open(passphrase);
    } catch (error) {
      if (!(error instanceof Problem) || error.text.code !== 'passphrase-wrong') throw error;
      wrong = error;
      if (left > 1) shell.tell(error.text.what);
    }
  }
  if (wrong !== undefined) throw wrong;
  return undefined;
}

/** Asks for a new passphrase, twice, until both are the same. Undefined when the input has ended. */
export async function askNewPassphrase(
  terminal: Asking,
  shell: Pick<Shell, 'tell'>,
  path: string,
): Promise<string | undefined> {
  for (;;) {
    const passphrase = await terminal.secret(
      `A new passphrase for ${path}, of at least ${LEAST_PASSPHRASE} characters:`,
    );
    if (passphrase === undefined) return undefined;
    if ([...passphrase].length < LEAST_PASSPHRASE) {
      shell.tell(`That has fewer than ${LEAST_PASSPHRASE} characters. Somebody who gets the file could guess it.`);
      continue;
    }
    const again = await terminal.secret('The same once more:');
    if (again === undefined || again === passphrase) return again;
    shell.tell('These are not the same.');
  }
}
