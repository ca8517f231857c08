import { ExitCode } from '../base/problem.ts';
import { readSecretFile } from '../client/keys/identity.ts';
import { parseName } from '../spa/enrolment.ts';
import { formatKey } from '../spa/keys.ts';
import type { Command } from './command.ts';
import { keyLine, nameOfKey } from './key-line.ts';
import { keyPath } from './paths.ts';

export const pubkey: Command = {
  name: 'pubkey',
  summary: "Print the line that enrols this device's key on a gate",
  help: `Usage: knockgate pubkey [--name NAME] [--identity FILE] [--json]

Prints the line that the administrator of a gate enrols. It holds no secret.

  --name NAME      what the gate calls this key; default: the name that it got when it was made
  --identity FILE  the key; default: ~/.config/knockgate/id
  --json           print {"name", "key", "line"}

Example:
  ssh server sudo knockgated client add "'$(knockgate pubkey)'"`,
  options: { name: 'value', identity: 'value', json: 'flag' },
  arguments: { least: 0, most: 0 },
  run: async (args, shell) => {
    const asked = args.value('name');
    const wanted = asked === undefined ? undefined : parseName(asked, '--name');
    const path = keyPath(args, shell);
    const privateKey = readSecretFile(path, shell.owner);
    const { name, key, line } = keyLine(shell.crypto, privateKey, wanted ?? nameOfKey(path, privateKey, shell));
    shell.print(args.flag('json') ? JSON.stringify({ name, key: formatKey(key), line }) : line);
    return ExitCode.done;
  },
};
