import { realpathSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { printable } from '../base/printable.ts';
import { ExitCode } from '../base/problem.ts';
import type { Owner } from '../client/keys/identity.ts';
import { deriveWithScrypt } from '../client/keys/scrypt.ts';
import { probeTcp } from '../client/network/probe.ts';
import { resolveBySystem } from '../client/network/resolve.ts';
import { openUdpRoute } from '../client/network/udp.ts';
import { systemClock } from '../os/clock.ts';
import { openStdout } from '../os/standard-output.ts';
import { nodeCrypto } from '../spa/crypto-node.ts';
import { ownAccount } from '../ssh/own-account.ts';
import type { Screen } from './many/live-table.ts';
import { report } from './report.ts';
import { run } from './run.ts';
import { runProgram } from './run-program.ts';
import type { Shell, Tone } from './shell.ts';

/** Milliseconds in which a second interrupt counts as the same: programs such as npm pass on what the terminal sent already. */
const SAME_INTERRUPT_MS = 500;

const interrupted = new AbortController();
let interruptedAtMs = 0;
process.on('SIGINT', interrupt);
process.once('SIGTERM', () => interrupted.abort());

const argv = process.argv.slice(2);
const shell: Omit<Shell, 'owner'> = {
  env: process.env,
  platform: process.platform,
  homeFolder: homedir(),
  account: ownAccount,
  userName,
  hostName: hostname,
  openStdin: () => process.stdin,
  openStdout,
  // No text can send commands to the terminal.
  print: (line, tone) => writeLine(process.stdout, line, tone),
  tell: (line, tone) => writeLine(process.stderr, line, tone),
  ask: (text) => listened(process.stderr).write(printable(text)),
  openScreen: screen,
  signal: interrupted.signal,
  interrupt,
  // The link is not resolved: after a new build elsewhere it still leads to the program.
  ownCommand: () => [process.execPath, resolve(process.argv[1] ?? '.')],
  programFolder: () => dirname(realpathSync(process.argv[1] ?? '.')),
  loadDeployment: () => import('../deploy/main.ts'),
  runProgram,
  clock: systemClock,
  crypto: nodeCrypto,
  deriveKey: deriveWithScrypt,
  resolve: resolveBySystem,
  openRoute: openUdpRoute,
  probe: probeTcp,
};

/** Cancels the command, which tidies up. The second interrupt does not wait for that: a server on trial shows its ports by itself. */
function interrupt(): void {
  const nowMs = systemClock.monotonicMs();
  if (!interrupted.signal.aborted) interruptedAtMs = nowMs;
  else if (nowMs - interruptedAtMs > SAME_INTERRUPT_MS) process.exit(ExitCode.cancelled);
  interrupted.abort();
}

process.on('uncaughtException', (error) => process.exit(report(error, argv, shell)));

main().then((code) => {
  // A pending lookup of a name must not keep the process alive; its output goes out first.
  listened(process.stdout).write('', () => listened(process.stderr).write('', () => process.exit(code)));
});

async function main(): Promise<number> {
  return run(argv, { ...shell, owner: await owner() });
}

/** Loads the Windows check only where it is needed: it runs programs. */
async function owner(): Promise<Owner> {
  const uid = process.getuid?.();
  return uid ?? (await import('./windows-owner.ts')).windowsOwner(process.env, homedir());
}

/**
 * A stream of this process, which Node makes when it is first asked for it. `knockgate list | head`: a reader that stops is
 * not an error.
 */
function listened<T extends Writable>(stream: T): T {
  if (stream.listenerCount('error') === 0) stream.on('error', () => {});
  return stream;
}

/** Colours are for terminals alone, and never where NO_COLOR is set to something (no-color.org). */
const COLOURS: Readonly<Record<Tone, string>> = { good: '\x1b[32m', bad: '\x1b[31m', plain: '' };

function writeLine(stream: NodeJS.WriteStream, line: string, tone: Tone = 'plain'): void {
  const { NO_COLOR = '', TERM } = process.env;
  const isColoured = tone !== 'plain' && stream.isTTY && NO_COLOR === '' && TERM !== 'dumb';
  const text = printable(line);
  listened(stream).write(isColoured ? `${COLOURS[tone]}${text}\x1b[0m\n` : `${text}\n`);
}

/** A terminal that says of itself that it is dumb takes no more than lines. */
function screen(): Screen | undefined {
  const { stderr, env } = process;
  if (!stderr.isTTY || env.TERM === 'dumb') return undefined;
  return {
    write: (text) => listened(stderr).write(text),
    // A terminal that does not know its size says 0.
    size: () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 }),
  };
}

/** A user without an entry in the password file has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'user';
  }
}
