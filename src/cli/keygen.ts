import { ExitCode } from '../base/problem.ts';
import { KEYGEN } from '../command-table/client/keys.ts';
import type { Command } from './command.ts';
import { createNamedKey, keyLine, newKeyName } from './key-line.ts';
import { keyPath } from './paths.ts';

export const keygen: Command = {
  entry: KEYGEN,
  run: async (args, shell) => {
    const path = keyPath(args, shell);
    const name = newKeyName(path, args, shell);
    const { line } = keyLine(shell.crypto, createNamedKey(path, name, shell), name);
    shell.tell(`Made a key in ${path}. Enrol it on the gate with this line:`);
    shell.print(line);
    shell.tell(`On the server: sudo knockgated client add '${line}'`);
    return ExitCode.done;
  },
};
