import { readGates } from '../client/hosts/hosts-file.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { findProgram } from '../os/find-program.ts';
import { parsePlainDestination } from '../ssh/destination.ts';
import type { Session } from './deployment.ts';
import { hostsPath } from './paths.ts';
import type { Shell } from './shell.ts';
import { sshConfigPath, sshEntry, writeSshEntry } from './ssh-entry.ts';
import type { Terminal } from './terminal.ts';

/**
 * Offers to write the entry that lets plain ssh knock, and proves it by a login. Without it `ssh HOST` times out from now on.
 * @throws Problem when the file cannot be written; the gate is set up all the same
 */
export async function offerSshEntry(
  session: Session,
  args: Arguments,
  shell: Shell,
  terminal: Terminal,
): Promise<void> {
  const { host, destination } = session;
  const config = sshConfigPath(args, shell);
  const lines = sshEntry({ name: host }, readGates(hostsPath(shell)).get(host)?.sshPort, shell);
  const isWanted =
    args.flag('write-ssh-config') || (!args.flag('yes') && (await asks(host, config, lines, shell, terminal)));
  terminal.rest();
  if (!isWanted) {
    shell.tell(`Next: knockgate knock ${host} && ssh ${destination}`);
    return shell.tell(`For every ssh to knock by itself: knockgate ssh-config ${host} --write`);
  }
  writeSshEntry(config, host, lines, shell);
  // Another name than the one that was logged in by may lack its HostName, and its host key.
  if (parsePlainDestination(destination)?.host !== host) return shell.tell(`Written to ${config}. Try: ssh ${host}`);
  const forSsh = [...(args.value('ssh-config') === undefined ? [] : ['-F', config]), destination];
  const code = await shell.runProgram(findProgram('ssh', shell), [...forSsh, 'true']);
  const tried = `ssh ${forSsh.join(' ')}`;
  if (code === 0) return shell.tell(`Written to ${config}, and tried: ${tried} works, and knocks by itself.`, 'good');
  const why = code === undefined ? 'ssh is not installed here' : `it ended with ${code}`;
  shell.tell(`Written to ${config}, but ${tried} does not work yet: ${why}. Try: knockgate diagnose ${host}`, 'bad');
}

async function asks(
  host: string,
  config: string,
  lines: readonly string[],
  shell: Shell,
  terminal: Terminal,
): Promise<boolean> {
  shell.tell(`ssh ${host} alone times out from now on. These lines at the top of ${config} make it knock by itself:`);
  for (const line of lines) shell.tell(`    ${line}`);
  return await terminal.confirm('Write them?');
}
