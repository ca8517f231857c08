import { ExitCode } from '../base/problem.ts';
import { readHostsFile } from '../client/hosts/hosts-file.ts';
import { kindOf } from '../client/hosts/kinds.ts';
import { LIST } from '../command-table/client/hosts.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';

export const list: Command = {
  entry: LIST,
  run: async (args, shell) => {
    const path = hostsPath(shell);
    const hosts = [...readHostsFile(path).values()];
    if (args.flag('json')) {
      const records = hosts.map((host) => [host.name, kindOf(host).fieldsOf(host)]);
      shell.print(JSON.stringify({ hosts: Object.fromEntries(records) }));
    } else if (args.flag('names')) {
      for (const { name } of hosts) shell.print(name);
    } else if (hosts.length === 0) {
      shell.tell(`No host in ${path} yet. Add one: knockgate add 'knockgate1 gate …'`);
    } else {
      const width = Math.max(...hosts.map(({ name }) => name.length));
      for (const host of hosts) shell.print(`${host.name.padEnd(width)}  ${kindOf(host).describe(host)}`);
    }
    return ExitCode.done;
  },
};
