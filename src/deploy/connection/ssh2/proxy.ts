import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { phrase } from '../../../base/phrase.ts';
import { quote } from '../../../base/printable.ts';
import type { Problem } from '../../../base/problem.ts';
import { findProgram, type ProgramPlace } from '../../../os/find-program.ts';
import { parsePlainDestination, type SshDestination } from '../../../ssh/destination.ts';
import { jumpUnreadable, proxyEnded, proxyFailed } from '../problems.ts';
import { expandTokens, type Here, type SshSettings } from '../settings.ts';

/** Characters with a meaning to a shell: a name with one of them is not put into a ProxyCommand. */
const SHELL_CHARACTERS = /[\s'"`$\\;&<>|(){}*?!#~%^]/;

/** Characters of a jump host's words that are shown. */
const MOST_SAID = 200;
/** Characters of a program's words that are kept. */
const MOST_KEPT = 4000;

/** Hosts of a ProxyJump, the first one first. */
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

/** Opens a connection to a host through one that we are logged in to. */
export function throughJump(client: Client, { hostName, port, alias }: SshSettings): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, hostName, port, (error, stream) => {
      if (error) reject(proxyFailed(alias, phrase('The jump host said {0}.', quote(error.message, MOST_SAID))));
      else resolve(stream);
    });
  });
}

/** A connection through a program. */
export interface ProgramWay {
  readonly stream: Duplex;
  /** Error of the program, once the stream is closed; undefined when it had to be killed. */
  readonly ended: Promise<Problem | undefined>;
}

/** Time for a program to end after it has closed its output. */
const ENDS_WITHIN_MS = 500;

/** Opens a connection through the program of the SSH configuration: ssh_config(5), ProxyCommand. */
export function throughCommand(settings: SshSettings, here: Here): ProgramWay {
  const { alias, hostName, user, port } = settings;
  for (const value of [alias, hostName, user])
    if (SHELL_CHARACTERS.test(value))
      throw proxyFailed(alias, phrase('The name of the host or account has characters that a shell interprets.'));
  const command = expandTokens(settings.proxyCommand ?? '', { here, alias, hostName, user, port });
  const { file, args, verbatim } = shellFor(command, { platform: process.platform, env: here.env });
  const child = spawn(file, args, { stdio: 'pipe', windowsVerbatimArguments: verbatim });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-MOST_KEPT);
  });
  const ended = new Promise<Problem | undefined>((resolve) => {
    child.on('error', (error) => resolve(proxyEnded(alias, command, undefined, error.message)));
    child.on('close', (code, signal) => {
      resolve(proxyEnded(alias, command, code ?? signal ?? undefined, said.trim()));
    });
    // A program that is about to end says why; another one is killed.
    stream.on('close', () => {
      const timer = setTimeout(() => {
        resolve(undefined);
        child.kill();
      }, ENDS_WITHIN_MS);
      child.once('close', () => clearTimeout(timer));
    });
  });
  child.on('error', (error) => stream.destroy(error));
  stream.on('error', () => stream.destroy());
  return { stream, ended };
}

/** How a shell is started with a line of the SSH configuration; `verbatim`: its quotes are for the shell, and no others are added. */
export function shellFor(line: string, place: ProgramPlace): { file: string; args: string[]; verbatim: boolean } {
  return place.platform === 'win32'
    ? { file: findProgram('cmd', place), args: ['/d', '/s', '/c', `"${line}"`], verbatim: true }
    : { file: '/bin/sh', args: ['-c', `exec ${line}`], verbatim: false };
}
