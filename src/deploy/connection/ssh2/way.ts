import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { findProgram, type ProgramPlace } from '../../../client/find-program.ts';
import { phrase } from '../../../spa/phrase.ts';
import { quote } from '../../../spa/printable.ts';
import { parsePlainDestination, type SshDestination } from '../../../ssh/destination.ts';
import { jumpUnreadable, proxyFailed } from '../problems.ts';
import { expandTokens, type Here, type SshSettings } from '../settings.ts';

/** Characters that a shell gives a meaning to: a name with one of them is not put into a ProxyCommand. */
const SHELL_CHARACTERS = /[\s'"`$\\;&<>|(){}*?!#~%^]/;

/** Characters of a jump host's words that are shown. */
const MOST_SAID = 200;

/** The hosts of a ProxyJump, the first one first. */
export function jumpsOf(settings: SshSettings): SshDestination[] {
  return (settings.proxyJump ?? '')
    .split(',')
    .filter(Boolean)
    .map((text) => {
      const jump = parsePlainDestination(text);
      if (jump === undefined) throw jumpUnreadable(settings.alias, text);
      return jump;
    });
}

/** A connection to a host through one that we are logged in to. */
export function throughJump(client: Client, { hostName, port, alias }: SshSettings): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, hostName, port, (error, stream) => {
      if (error) reject(proxyFailed(alias, phrase('The jump host said {0}.', quote(error.message, MOST_SAID))));
      else resolve(stream);
    });
  });
}

/** A connection through the program that ssh is configured to use: ssh_config(5), ProxyCommand. */
export function throughCommand(settings: SshSettings, here: Here): Duplex {
  const { alias, hostName, user, port } = settings;
  for (const value of [alias, hostName, user])
    if (SHELL_CHARACTERS.test(value))
      throw proxyFailed(alias, phrase('The name of the host or account has characters that a shell obeys.'));
  const command = expandTokens(settings.proxyCommand ?? '', { here, alias, hostName, user, port });
  const { file, args, verbatim } = shellFor(command, { platform: process.platform, env: here.env });
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'], windowsVerbatimArguments: verbatim });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.on('error', (error) => stream.destroy(error));
  stream.on('close', () => child.kill());
  stream.on('error', () => child.kill());
  return stream;
}

/** How a shell is started with a line of the SSH configuration; `verbatim`: its quotes are for the shell, and no others are added. */
export function shellFor(line: string, place: ProgramPlace): { file: string; args: string[]; verbatim: boolean } {
  return place.platform === 'win32'
    ? { file: findProgram('cmd', place), args: ['/d', '/s', '/c', `"${line}"`], verbatim: true }
    : { file: '/bin/sh', args: ['-c', `exec ${line}`], verbatim: false };
}
