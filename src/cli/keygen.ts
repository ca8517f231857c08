import { ExitCode } from '../base/problem.ts';
import { KEYGEN } from '../command-table/client/keys.ts';
import { formatKey } from '../spa/keys.ts';
import type { Command } from './command.ts';
import { createNamedKey, keyLine, newKeyName } from './key-line.ts';
import { keyPath } from './paths.ts';
import { printResult } from './result.ts';

export const keygen: Command = {
  entry: KEYGEN,
  run: async (args, shell) => {
    const file = keyPath(args, shell);
    const name = newKeyName(file, args, shell);
    const { key, line } = keyLine(shell.crypto, createNamedKey(file, name, shell), name);
    shell.tell(`Made a key in ${file}. Enrol it on the gate with this line:`);
    printResult(args, shell, { name, key: formatKey(key), line, file }, line);
    shell.tell(`On the server: sudo knockgated client add '${line}'`);
    return ExitCode.done;
  },
};
