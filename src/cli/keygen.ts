import { ExitCode } from '../base/problem.ts';
import type { Command } from './command.ts';
import { createNamedKey, keyLine, newKeyName } from './key-line.ts';
import { keyPath } from './paths.ts';

export const keygen: Command = {
  name: 'keygen',
  summary: "Make this device's key, and print the line to enrol it on a gate",
  help: `Usage: knockgate keygen [--name NAME] [--identity FILE]

Makes this device's key, once: a key that is there is never overwritten. Prints the
line that the administrator of a gate enrols. The key itself never leaves the file.
The line is also written to FILE.pub, where \`knockgate pubkey\` finds the name again.

  --name NAME      what the gate calls this key; default: user-computer, and the name of
                   FILE unless that is id
  --identity FILE  where to put it; default: ~/.config/knockgate/id

Example:
  knockgate keygen --name alice-laptop`,
  options: { name: 'value', identity: 'value' },
  arguments: { least: 0, most: 0 },
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
