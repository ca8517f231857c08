import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { toBase64Url } from '../base/bytes.ts';
import { ExitCode } from '../base/problem.ts';
import { addToHostsFile } from '../client/hosts/hosts-file.ts';
import { gateKeyUnusable } from '../client/problems.ts';
import { parseGateLine, parseName } from '../spa/enrolment.ts';
import { isLowOrder } from '../spa/keys.ts';
import type { Command } from './command.ts';
import { hostsPath, keyPath } from './paths.ts';

/** Words of a gate's line: it may come unquoted. */
const LINE_WORDS = 7;

export const add: Command = {
  name: 'add',
  summary: 'Add a host by the line that its gate prints',
  help: `Usage: knockgate add LINE [--name ALIAS] [--replace]

Adds a host to ~/.config/knockgate/hosts.toml by the line that \`knockgated key\`
prints on the server. Without LINE it is read from standard input.

  --name ALIAS  what you call it: the name that you give to ssh; default: the gate's
  --replace     give a host that is there the new line; its other settings stay

Example:
  ssh server sudo knockgated key | knockgate add --name prod`,
  options: { name: 'value', replace: 'flag' },
  arguments: { least: 0, most: LINE_WORDS },
  run: async (args, shell) => {
    const line = args.positionals.length > 0 ? args.positionals.join(' ') : await text(shell.openStdin());
    const gate = parseGateLine(line);
    const name = parseName(args.value('name') ?? gate.name, '--name');
    if (isLowOrder(shell.crypto, gate.key)) throw gateKeyUnusable(name);
    const path = hostsPath(shell);
    const done = addToHostsFile(path, name, gate, args.flag('replace'), toBase64Url(shell.crypto.randomBytes(9)));
    shell.print(`${name}: ${done} in ${path}`);
    const next = existsSync(keyPath(args, shell)) ? `knockgate knock ${name}` : 'knockgate keygen';
    shell.tell(`Next: ${next}`);
    shell.tell(`For every ssh to knock by itself: knockgate ssh-config ${name} >> ~/.ssh/config`);
    return ExitCode.done;
  },
};
