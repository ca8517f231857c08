import { dirname, join } from 'node:path';
import { ExitCode } from '../base/problem.ts';
import { addToHostsFile, readHostsFile } from '../client/hosts/hosts-file.ts';
import { importableHosts } from '../client/hosts/importable-hosts.ts';
import { gatesOf } from '../client/hosts/kinds.ts';
import { type ExportedHost, openExportedKey, readSealedText } from '../client/keys/exported-key.ts';
import { writeKeyFile } from '../client/keys/identity.ts';
import { IMPORT_KEY } from '../command-table/client/keys.ts';
import { usageProblem } from '../command-table/problems.ts';
import { shellWord } from '../os/shell-word.ts';
import { askUntilOpen } from './ask-passphrase.ts';
import { changeHosts } from './change-hosts.ts';
import type { Command } from './command.ts';
import { hostsPath } from './paths.ts';
import { printResult } from './result.ts';
import type { Shell } from './shell.ts';
import { Terminal } from './terminal.ts';

export const importKey: Command = {
  entry: IMPORT_KEY,
  run: async (args, shell) => {
    const [file = ''] = args.positionals;
    const text = readSealedText(file);
    const opened = await askUntilOpen(Terminal.of(shell), shell, file, (passphrase) =>
      openExportedKey(text, passphrase, file, shell),
    );
    if (opened === undefined) throw usageProblem('No passphrase was given.', 'Try again.');
    const { exported } = opened;
    const path = hostsPath(shell);
    const hosts = readHostsFile(path);
    // The hosts are checked before anything is written.
    const added = new Map(
      importableHosts(exported.hosts, { names: hosts.keys(), gates: gatesOf(hosts.values()) }, shell.crypto),
    );
    const key = args.value('identity') ?? join(dirname(path), exported.identity);
    writeKeyFile(key, shell.owner, exported.key);
    const said = [`The key is in ${key}.`];
    for (const [name, host] of exported.hosts) said.push(...(await addHost(name, host, !added.has(name), key, shell)));
    const listed = [...exported.hosts.keys()].map((host) => ({ host, added: added.has(host) }));
    printResult(args, shell, { file: key, hosts: listed }, said.join('\n'));
    return ExitCode.done;
  },
};

/** Adds a host unless it is there, and returns the lines that say so. */
async function addHost(
  name: string,
  { gate, login }: ExportedHost,
  isThere: boolean,
  key: string,
  shell: Shell,
): Promise<string[]> {
  const path = hostsPath(shell);
  if (isThere) shell.tell(`${name} stays as it is in ${path}.`);
  else await changeHosts(shell, (file, suffix) => addToHostsFile(file, name, gate, false, suffix));
  shell.tell(`Next: knockgate knock ${name} --identity ${shellWord(key)} && ssh ${shellWord(login)}`);
  return isThere ? [] : [`${name}: added in ${path}`];
}
