import type { ChildProcess } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { stringify } from 'smol-toml';
import { scratch } from './cleanup.ts';
import { gateFolders } from './gate-folders.ts';
import { withSomebody } from './live-grant.ts';
import { exec, run, TARGET4, TARGET6 } from './netns.ts';
import { end, ended, type Finished, sleep } from './process.ts';

/** An audit line of the daemon. */
export interface AuditLine {
  time: string;
  event: string;
  client?: string;
  source?: string;
  reason?: string;
  ports?: string[];
  seconds?: number;
  skew_ms?: number;
  [more: string]: unknown;
}

/** A `[[client]]` of gate.toml, with the names that it has there. */
export type ClientEntry = { name: string; key: string } & Record<string, unknown>;

/** Program of the daemon, and how it runs. */
export interface GateOptions {
  daemon?: string;
  node?: string;
  /** Whether it runs as nobody, with only CAP_NET_ADMIN, as its unit runs it. The default. */
  unprivileged?: boolean;
  /** Settings of `[gate]`, with the names that they have in gate.toml. */
  settings?: Record<string, unknown>;
  clients?: readonly ClientEntry[];
  /** Tables `[[sequence]]`, with the names that they have in gate.toml. */
  sequences?: readonly Record<string, unknown>[];
  env?: NodeJS.ProcessEnv;
  /** Command in front of `knockgated run`, which becomes the program behind it. */
  through?: readonly string[];
}

/** Options of running a subcommand. */
export interface CliOptions {
  /** Runs as root rather than as the daemon's user. */
  asRoot?: boolean;
  /** Command in front of everything else, which runs the program behind it: it can hide a program, or remove a privilege. */
  through?: readonly string[];
  env?: NodeJS.ProcessEnv;
  timeout?: number;
}

/** The daemon's user in the rig: `nobody`, which every Debian has. */
const NOBODY = 65534;

/** The daemon's one capability, and no way to get another. */
const LEAST_PRIVILEGE = [
  'setpriv',
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  '--inh-caps=-all,+net_admin',
  '--ambient-caps=-all,+net_admin',
  '--bounding-set=-all,+net_admin',
  '--no-new-privs',
];

/** The gate on the target: its files, and the daemon while it runs. */
export class Gate {
  private readonly scratch = scratch('gate');
  readonly dir = this.scratch.dir;
  readonly configFile = join(this.dir, 'gate.toml');
  readonly stateDir = join(this.dir, 'state');
  readonly runtimeDir = join(this.dir, 'run');
  /** Every audit line of every start, in order. */
  readonly events: AuditLine[] = [];
  /** Lines of the daemon on stderr that are not audit lines. */
  noise = '';
  private child: ChildProcess | undefined;
  private readonly ns: string;
  private readonly options: GateOptions;
  private readonly unprivileged: boolean;
  private readonly command: string[];
  private env: NodeJS.ProcessEnv;

  constructor(ns: string, options: GateOptions = {}) {
    this.ns = ns;
    this.options = options;
    this.unprivileged = options.unprivileged ?? true;
    chmodSync(this.dir, 0o755);
    mkdirSync(this.stateDir);
    mkdirSync(this.runtimeDir);
    for (const each of [this.dir, this.stateDir, this.runtimeDir]) this.give(each);
    this.configure(options.settings ?? {}, options.clients ?? []);
    this.command = [options.node ?? process.execPath, resolve(options.daemon ?? 'dist/knockgated.cjs')].map((file) =>
      this.readable(file),
    );
    this.env = { ...process.env, ...gateFolders(this.stateDir, this.runtimeDir), ...options.env };
  }

  /** Writes gate.toml anew. A running daemon reads it at the next `reload()`. */
  configure(settings: Record<string, unknown>, clients: readonly ClientEntry[]): void {
    // Tests look at each refusal.
    const gate = { ports: ['tcp/22'], knock_ports: [443, 62201], refusals_logged: 65535, ...settings };
    const { sequences = [] } = this.options;
    const tables = {
      ...(clients.length > 0 && { client: clients }),
      ...(sequences.length > 0 && { sequence: sequences }),
    };
    this.configureText(stringify({ gate, ...tables }));
  }

  /** Writes gate.toml as it is given, right or wrong. */
  configureText(text: string): void {
    writeFileSync(this.configFile, withSomebody(text), { mode: 0o640 });
    this.give(this.configFile);
  }

  /** The line that enrols this gate at a client; makes the gate's key when there is none. */
  async enrolmentLine(name = 'target', addresses: readonly string[] = [TARGET4, TARGET6]): Promise<string> {
    const done = await this.cli(['key', '--address', addresses.join(','), '--name', name]);
    const line = done.stdout.split('\n').find((each) => each.startsWith('knockgate1 gate '));
    if (!line) throw new Error(`knockgated key: exit ${done.code}: ${done.stderr || done.stdout}`);
    return line;
  }

  /** Starts the daemon and waits until it says that it is armed. */
  async start(timeoutMs = 15_000): Promise<AuditLine> {
    const since = this.events.length;
    this.launch();
    return await this.audit((line) => line.event === 'armed', timeoutMs, since);
  }

  /** Starts the daemon without waiting, for daemons that must fail. */
  launch(): void {
    const { through = [] } = this.options;
    const argv = [...through, ...this.privileges(), ...this.command, 'run', '--config', this.configFile];
    const child = exec(this.ns, argv, { env: this.env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    let rest = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.hear(line);
    });
  }

  private hear(line: string) {
    try {
      this.events.push(JSON.parse(line) as AuditLine);
    } catch {
      this.noise += `${line}\n`;
    }
  }

  /** Waits for the first audit line that fits, written or to come; `since` skips lines before that index. */
  async audit(fits: (line: AuditLine) => boolean, timeoutMs = 5000, since = 0): Promise<AuditLine> {
    const start = performance.now();
    for (;;) {
      const found = this.events.slice(since).find(fits);
      if (found) return found;
      const { exitCode, signalCode } = this.child ?? {};
      const gone = exitCode !== null || signalCode !== null;
      if (gone || performance.now() - start > timeoutMs) {
        const why = gone ? `the daemon ended (${exitCode ?? signalCode})` : `nothing within ${timeoutMs} ms`;
        const heard = this.events.slice(since).map((line) => JSON.stringify(line));
        throw new Error(`no such audit line: ${why}; heard:\n${heard.join('\n')}\n${this.noise}`);
      }
      await sleep(5);
    }
  }

  /** The daemon's process id; undefined while none runs. */
  get pid(): number | undefined {
    return this.running ? this.child?.pid : undefined;
  }

  /** Whether the daemon runs. */
  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves with the daemon's exit code once it has ended by itself. */
  async exit(): Promise<number | null> {
    return this.child ? await ended(this.child) : null;
  }

  /** Tells the daemon to read its configuration again. The caller waits for the audit line. */
  reload(): void {
    this.child?.kill('SIGHUP');
  }

  /** Kills the daemon without a warning. */
  async kill9(): Promise<void> {
    if (this.child && this.running) await end(this.child, 'SIGKILL');
  }

  /** Ends the daemon as a service manager would. Resolves with its exit code. */
  async stop(): Promise<number | null> {
    return this.child && this.running ? await end(this.child) : null;
  }

  /** Stops and starts the daemon. */
  async restart(): Promise<AuditLine> {
    await this.stop();
    return await this.start();
  }

  /** Runs a subcommand of the daemon's program: `cli(['status', '--json'])`. */
  cli(args: readonly string[], options: CliOptions = {}): Promise<Finished> {
    const { asRoot = false, through = [], env, timeout = 15_000 } = options;
    const rights = asRoot ? [] : this.privileges();
    const argv = [...through, ...rights, ...this.command, ...args, '--config', this.configFile];
    return run(this.ns, argv, { env: { ...this.env, ...env }, timeout });
  }

  /** Ends the daemon and deletes its files. The table stays with the namespace. */
  async dispose(): Promise<void> {
    await this.stop();
    this.scratch.discard();
  }

  private privileges(): string[] {
    return this.unprivileged ? LEAST_PRIVILEGE : [];
  }

  /** Gives the daemon's user the state folder, as it was put there by somebody else. */
  giveState(): void {
    this.give(this.stateDir);
    for (const name of readdirSync(this.stateDir)) this.give(join(this.stateDir, name));
  }

  /** Changes the environment of the daemon's next start. */
  setEnvironment(env: NodeJS.ProcessEnv): void {
    this.env = { ...this.env, ...env };
  }

  give(path: string) {
    if (this.unprivileged) chownSync(path, NOBODY, NOBODY);
  }

  /** Copies a file that the daemon's user cannot reach: a clone under /root, or a Node there. */
  private readable(file: string): string {
    if (!this.unprivileged || isWorldReadable(file)) return file;
    accessSync(file, constants.R_OK);
    const copy = join(this.dir, basename(file));
    copyFileSync(file, copy);
    chmodSync(copy, 0o755);
    if (basename(file) === 'knockgated.cjs') this.copyParts(dirname(file));
    return copy;
  }

  /** Copies the parts that the daemon looks for beside itself. */
  private copyParts(folder: string): void {
    for (const name of readdirSync(folder).filter((each) => /^(knockgated-\w+|openpgp\.min)\.cjs$/.test(each)))
      copyFileSync(join(folder, name), join(this.dir, name));
  }
}

function isWorldReadable(file: string): boolean {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o004) === 0) return false;
  for (let dir = dirname(file); dir !== '/'; dir = dirname(dir)) {
    if ((statSync(dir).mode & 0o001) === 0) return false;
  }
  return true;
}
