import { hostOfGate } from '../client/gate/host.ts';
import { USUAL_TIMEOUT_MS } from '../client/gate/knock-and-wait.ts';
import { Ledger } from '../client/gate/ledger.ts';
import { type ExportedHost, openExportedKey, readSealedText } from '../client/keys/exported-key.ts';
import { RECOVER } from '../command-table/client/keys.ts';
import { usageProblem } from '../command-table/problems.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { findProgram } from '../os/find-program.ts';
import { parsePlainDestination } from '../ssh/destination.ts';
import { askUntilOpen } from './ask-passphrase.ts';
import type { Command } from './command.ts';
import { keysOfFiles } from './key-files.ts';
import { openWith } from './open-host.ts';
import { sshMissing } from './problems.ts';
import { Terminal } from './terminal.ts';

const SSH_PORT = 22;

export const recover: Command = {
  entry: RECOVER,
  run: async (args, shell) => {
    const [file = '', ...forSsh] = args.positionals;
    const text = readSealedText(file);
    const opened = await askUntilOpen(Terminal.of(shell), shell, file, (passphrase) =>
      openExportedKey(text, passphrase, file, shell),
    );
    if (opened === undefined) throw usageProblem('No passphrase was given.', 'Try again.');
    const { exported } = opened;
    const [name, { gate, login }] = chosen(exported.hosts, args, file);
    const port = parsePlainDestination(login)?.port ?? SSH_PORT;
    const request = {
      ports: [{ protocol: 'tcp' as const, port }],
      sshPort: port,
      force: true,
      timeoutMs: USUAL_TIMEOUT_MS,
    };
    // No ledger is kept: a second run may draw a slot that is used, and then the next packet of the same knock opens.
    const ledger = new Ledger(undefined, shell.clock, shell.crypto);
    const clientKey = { privateKey: exported.key, psk: undefined, opened: async () => {} };
    const keys = { ...keysOfFiles(file, undefined, shell), clientKeys: async () => [clientKey] };
    const found = { host: hostOfGate(name, gate, undefined), as: shell };
    const result = await openWith(found, keys, ledger, request, shell);
    if (result.kind === 'open') result.socket.destroy();
    shell.tell(`${name}: open. Running: ssh ${login}`);
    const code = await shell.runProgram(findProgram('ssh', shell), [login, ...forSsh]);
    if (code === undefined) throw sshMissing(login);
    return code;
  },
};

function chosen(
  hosts: ReadonlyMap<string, ExportedHost>,
  args: Arguments,
  file: string,
): readonly [string, ExportedHost] {
  const asked = args.value('host');
  const [first, ...others] = [...hosts].filter(([name]) => asked === undefined || name === asked);
  const names = [...hosts.keys()].join(', ');
  if (first === undefined && names === '')
    throw usageProblem(`${file} opens no host.`, `Take over its key with: knockgate import-key FILE`);
  if (first === undefined) throw usageProblem(`${file} does not open ${asked}.`, `It opens: ${names}`);
  if (others.length > 0) throw usageProblem(`${file} opens several hosts.`, `Choose one with --host: ${names}`);
  return first;
}
