import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { Collected } from '../collected.ts';
import { answerTooLong, connectionLost, loginFailedBySystem, multiplexingMissing } from '../problems.ts';
import type { Carrier, HostKey, Prompts, Ran } from '../remote.ts';
import { Askpass } from './askpass.ts';
import { startOnLeash } from './leash.ts';
import { makeRunFolders, type RunFolders } from './run-folders.ts';
import { Said } from './said.ts';

const LOOK_EVERY_MS = 50;
/** Time for a login: a person may be typing a password. */
const READY_WITHIN_MS = 180_000;
/** Time between the end of a session and the end of its connection. */
const ENDS_WITHIN_MS = 500;

export interface SystemIo {
  /** Program and its fixed arguments: `['ssh', '-F', FILE]`. */
  readonly ssh: readonly string[];
  /** Prompts for the questions of ssh. */
  readonly prompts: Prompts;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Settings that `ssh -G` prints: whether there is a ConnectTimeout, and which settings this version of ssh knows. */
  readonly all: ReadonlyMap<string, string>;
}

/**
 * Logs in with the system's own `ssh`, which does whatever the configuration asks for. It keeps one connection of our own (never
 * one that others share), and runs each program over it.
 * @throws Problem `login-failed`, `multiplexing-missing`
 */
export async function openSystemSsh(alias: string, io: SystemIo): Promise<Carrier> {
  // OpenSSH on Windows cannot share a connection, and one login for each step would ask for each password again.
  if (process.platform === 'win32') throw multiplexingMissing(alias);
  const folders = await makeRunFolders(io.env);
  const { socket } = folders;
  const askpass = new Askpass(folders.run, folders.scripts, io.prompts, io.env.DISPLAY);
  const [program = 'ssh', ...always] = io.ssh;
  const held = [program, ...always, '-v', '-M', '-N', '-T', '-S', socket, ...options(io.all), '--', alias];
  const master = startOnLeash(held, folders, { ...io.env, ...askpass.env });
  const said = new Said();
  master.stderr?.setEncoding('utf8').on('data', (text: string) => said.add(text));
  let spawnError: Error | undefined;
  master.once('error', (error) => {
    spawnError = error;
  });
  for (let waitedMs = 0; !existsSync(socket); waitedMs += LOOK_EVERY_MS) {
    if (spawnError !== undefined || master.exitCode !== null || waitedMs > READY_WITHIN_MS) {
      master.stdin?.end();
      deleteFolders(folders);
      throw loginFailedBySystem(alias, spawnError?.message ?? complaints(said.text()));
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    await askpass.answer(() => master.exitCode !== null || master.signalCode !== null);
  }
  const own = ['ControlMaster=no', 'BatchMode=yes', ...plainSession(io.all)].flatMap((option) => ['-o', option]);
  const command = [...always, '-S', socket, '-T', ...own, '--', alias];
  return new SystemCarrier(alias, program, command, io.env, master, hostKeyIn(said.text()), folders);
}

/** Separates the lines of `-v` from ssh's other messages. */
export function complaints(said: string): string {
  return said
    .split(/\r?\n/)
    .filter(
      (line) => line !== '' && !/^(debug\d: |OpenSSH_|Authenticated to |Transferred: |Bytes per second)/.test(line),
    )
    .slice(-6)
    .join('\n');
}

/** Host key as `ssh -v` prints it. */
export function hostKeyIn(said: string): HostKey {
  const found = /^debug1: Server host key: (\S+) (SHA256:\S+)/m.exec(said);
  return { type: found?.[1] ?? 'unknown', fingerprint: found?.[2] ?? 'unknown' };
}

/**
 * Overrides settings of the configuration about sessions, which are for our programs. Older versions of ssh refuse names that they
 * do not know.
 */
function plainSession(all: ReadonlyMap<string, string>): string[] {
  const usual = { sessiontype: 'default', stdinnull: 'no', forkafterauthentication: 'no' };
  const known = Object.entries(usual).flatMap(([name, value]) => (all.has(name) ? [`${name}=${value}`] : []));
  return [...known, 'RemoteCommand=none'];
}

function options(all: ReadonlyMap<string, string>): string[] {
  return [
    'ControlPersist=no',
    'ServerAliveInterval=10',
    'ServerAliveCountMax=3',
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    ...(Number(all.get('connecttimeout')) > 0 ? [] : ['ConnectTimeout=15']),
    'EscapeChar=none',
    // -N keeps the master from running a command, whatever the configuration says.
    ...plainSession(all).filter((option) => !option.startsWith('sessiontype')),
  ].flatMap((option) => ['-o', option]);
}

/** Deletes the folders of the login. The leash does that too, unless somebody has killed it. */
function deleteFolders({ run, scripts }: RunFolders): void {
  for (const folder of [run, scripts]) rmSync(folder, { recursive: true, force: true });
}

class SystemCarrier implements Carrier {
  readonly kind = 'ssh';
  readonly hostKey: HostKey;

  private readonly host: string;
  private readonly program: string;
  private readonly command: readonly string[];
  private readonly env: Readonly<Record<string, string | undefined>>;
  private readonly master: ChildProcess;
  private readonly folders: RunFolders;

  constructor(
    host: string,
    program: string,
    command: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
    master: ChildProcess,
    hostKey: HostKey,
    folders: RunFolders,
  ) {
    this.host = host;
    this.program = program;
    this.command = command;
    this.env = env;
    this.master = master;
    this.hostKey = hostKey;
    this.folders = folders;
  }

  exec(commandLine: string, stdin: Uint8Array, timeoutMs: number): Promise<Ran> {
    if (this.hasEnded()) return Promise.reject(connectionLost(this.host));
    return new Promise((resolve, reject) => {
      const child = spawn(this.program, [...this.command, commandLine], { env: this.env as NodeJS.ProcessEnv });
      const collected = new Collected();
      const take = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
        if (collected.add(stream, chunk)) return;
        reject(answerTooLong(this.host));
        child.kill('SIGKILL');
      };
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      child.stdout.on('data', take('stdout'));
      child.stderr.on('data', take('stderr'));
      child.stdin.on('error', () => {});
      child.once('error', () => reject(connectionLost(this.host)));
      child.once('close', async (code, signal) => {
        clearTimeout(timer);
        // ssh ends with 255 when the connection failed; but a program may end with it, too.
        if (signal !== null || (code === 255 && (await this.endsWithin(ENDS_WITHIN_MS))))
          return reject(connectionLost(this.host));
        resolve({ code, ...collected.texts() });
      });
      child.stdin.end(Buffer.from(stdin));
    });
  }

  private hasEnded(): boolean {
    return this.master.exitCode !== null || this.master.signalCode !== null;
  }

  /** Whether the connection ends within that time. */
  private endsWithin(ms: number): Promise<boolean> {
    if (this.hasEnded()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const over = () => {
        clearTimeout(timer);
        this.master.off('exit', over);
        resolve(this.hasEnded());
      };
      const timer = setTimeout(over, ms);
      this.master.once('exit', over);
    });
  }

  async close(): Promise<void> {
    if (!this.hasEnded()) {
      const ended = new Promise((resolve) => this.master.once('exit', resolve));
      this.master.stdin?.end();
      await ended;
    }
    deleteFolders(this.folders);
  }
}
