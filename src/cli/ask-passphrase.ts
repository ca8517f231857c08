import { LEAST_PASSPHRASE } from '../client/keys/sealed-key-file.ts';
import type { Shell } from './shell.ts';
import type { Asking } from './terminal.ts';

/** Asks for the passphrase of a file that is there. Undefined when the input has ended. */
export function askPassphrase(terminal: Asking, path: string): Promise<string | undefined> {
  return terminal.secret(`Passphrase of ${path}:`);
}

/** Asks for a new passphrase, twice, until both are the same. Undefined when the input has ended. */
export async function askNewPassphrase(
  terminal: Asking,
  shell: Pick<Shell, 'tell'>,
  path: string,
): Promise<string | undefined> {
  for (;;) {
    const passphrase = await terminal.secret(`A new passphrase for ${path}:`);
    if (passphrase === undefined) return undefined;
    if ([...passphrase].length < LEAST_PASSPHRASE) {
      shell.tell(
        `At least ${LEAST_PASSPHRASE} characters: without it nobody can open the file, and with it anybody can.`,
      );
      continue;
    }
    const again = await terminal.secret('The same once more:');
    if (again === undefined || again === passphrase) return again;
    shell.tell('These are not the same.');
  }
}
