import { ExitCode } from '../base/problem.ts';
import { readHostsFile } from '../client/hosts/hosts-file.ts';
import { kindOf } from '../client/hosts/kinds.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';

export const list: Command = {
  name: 'list',
  summary: 'List the hosts that are known',
  help: `Usage: knockgate list [--json]

Lists the hosts of ~/.config/knockgate/hosts.toml: name, where the knock goes, what it
asks for.

  --json  print {"hosts": {NAME: {...}}}, the fields as in the setting knockgate.hosts

Example:
  knockgate list`,
  options: { json: 'flag' },
  arguments: { least: 0, most: 0 },
  run: async (args, shell) => {
    const path = hostsPath(shell);
    const hosts = [...readHostsFile(path).values()];
    if (args.flag('json')) {
      const records = hosts.map((host) => [host.name, kindOf(host).fieldsOf(host)]);
      shell.print(JSON.stringify({ hosts: Object.fromEntries(records) }));
    } else if (hosts.length === 0) {
      shell.tell(`No host in ${path} yet. Add one: knockgate add 'knockgate1 gate …'`);
    } else {
      const width = Math.max(...hosts.map(({ name }) => name.length));
      for (const host of hosts) shell.print(`${host.name.padEnd(width)}  ${kindOf(host).describe(host)}`);
    }
    return ExitCode.done;
  },
};
