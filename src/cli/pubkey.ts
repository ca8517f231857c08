import { ExitCode } from '../base/problem.ts';
import { readSecretFile } from '../client/keys/identity.ts';
import { PUBKEY } from '../command-table/client/keys.ts';
import { parseName } from '../spa/enrolment.ts';
import { formatKey } from '../spa/keys.ts';
import type { Command } from './command.ts';
import { keyLine, nameOfKey } from './key-line.ts';
import { keyPath } from './paths.ts';

export const pubkey: Command = {
  entry: PUBKEY,
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
