import { hostOfGate } from '../client/gate/host.ts';
import { USUAL_TIMEOUT_MS } from '../client/gate/knock-and-wait.ts';
import { Ledger } from '../client/gate/ledger.ts';
import { type ExportedHost, openExportedKey, readSealedText } from '../client/keys/exported-key.ts';
import { findProgram } from '../os/find-program.ts';
import { parsePlainDestination } from '../ssh/destination.ts';
import { askPassphrase } from './ask-passphrase.ts';
import { type Arguments, type Command, usageProblem } from './command.ts';
import { keysOfFiles } from './key-files.ts';
import { openWith } from './open-host.ts';
import { sshMissing } from './problems.ts';
import { Terminal } from './terminal.ts';

/** Arguments for ssh, at most. */
const MOST_ARGUMENTS = 100;
const SSH_PORT = 22;

export const recover: Command = {
  name: 'recover',
  summary: 'Get in with nothing but a recovery file: knock, and run ssh',
  help: `Usage: knockgate recover FILE [--host NAME] [-- ARGUMENTS FOR SSH]

Opens a file of \`knockgate deploy --recovery-key\` or of Export Key… in the editor, asks
for its passphrase, knocks with its key at its host, and runs ssh to that host. On this
computer it writes nothing; ssh may note the server's key in known_hosts. Ends with
the exit code of ssh. To keep the key and the hosts: knockgate import-key FILE

The file opens the port. sshd still wants its own key or a password.

  --host NAME  which host, when the file opens several

Examples:
  knockgate recover /media/stick/prod
  knockgate recover /media/stick/prod -- -i /media/stick/id_ed25519`,
  options: { host: 'value' },
  arguments: { least: 1, most: MOST_ARGUMENTS },
  run: async (args, shell) => {
    const [file = '', ...forSsh] = args.positionals;
    const text = readSealedText(file);
    const passphrase = await askPassphrase(new Terminal(shell.openStdin(), shell.ask, shell.interrupt), file);
    if (passphrase === undefined) throw usageProblem('No passphrase was given.', 'Try again.');
    const { exported } = await openExportedKey(text, passphrase, file, shell);
    const [name, { gate, login }] = chosen(exported.hosts, args, file);
    const port = parsePlainDestination(login)?.port ?? SSH_PORT;
    const request = {
      ports: [{ protocol: 'tcp' as const, port }],
      sshPort: port,
      force: true,
      timeoutMs: USUAL_TIMEOUT_MS,
    };
    // Nothing is kept: a second run may draw a place that is used up, and then the next packet of the same knock opens.
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
