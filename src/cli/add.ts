import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { ExitCode } from '../base/problem.ts';
import { addToHostsFile } from '../client/hosts/hosts-file.ts';
import { gateKeyUnusable } from '../client/problems.ts';
import { ADD } from '../command-table/client/hosts.ts';
import { parseGateLine, parseName } from '../spa/enrolment.ts';
import { isLowOrder } from '../spa/keys.ts';
import { changeHosts } from './change-hosts.ts';
import type { Command } from './command.ts';
import { hostsPath, keyPath } from './paths.ts';
import { printResult } from './result.ts';

export const add: Command = {
  entry: ADD,
  run: async (args, shell) => {
    const line = args.positionals.length > 0 ? args.positionals.join(' ') : await text(shell.openStdin());
    const gate = parseGateLine(line);
    const name = parseName(args.value('name') ?? gate.name, '--name');
    if (isLowOrder(shell.crypto, gate.key)) throw gateKeyUnusable(name);
    const path = hostsPath(shell);
    const replace = args.flag('replace');
    const done = await changeHosts(shell, (file, suffix) => addToHostsFile(file, name, gate, replace, suffix));
    const said = done === 'unchanged' ? `${name}: already in ${path}, with this line` : `${name}: ${done} in ${path}`;
    printResult(args, shell, { host: name, file: path, done }, said);
    const next = existsSync(keyPath(args, shell)) ? `knockgate knock ${name}` : 'knockgate keygen';
    shell.tell(`Next: ${next}`);
    shell.tell(`For every ssh to knock by itself: knockgate ssh-config ${name} --write`);
    return ExitCode.done;
  },
};
