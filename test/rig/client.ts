import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { scratch } from './cleanup.ts';
import type { ClientEntry } from './gate.ts';
import { exec, run } from './netns.ts';
import type { Finished } from './process.ts';

/** Program and configuration of the command-line client. */
export interface ClientOptions {
  cli?: string;
  node?: string;
  /** Shares the configuration of another client: two processes with one key. */
  configHome?: string;
  env?: NodeJS.ProcessEnv;
}

/** Output of the client with `--json`, beside its exit code. */
export interface JsonResult extends Finished {
  json: Record<string, unknown> | undefined;
}

/** The command-line client, with a configuration directory of its own. */
export class Client {
  readonly configHome: string;
  /** Deletes the configuration directory, if it is this client's own. */
  readonly dispose: () => void;
  private readonly ns: string;
  private readonly command: string[];
  private readonly env: NodeJS.ProcessEnv;

  constructor(ns: string, options: ClientOptions = {}) {
    this.ns = ns;
    const { dir, discard } = options.configHome ? { dir: options.configHome, discard: () => {} } : scratch('client');
    this.configHome = dir;
    this.dispose = discard;
    this.command = [options.node ?? process.execPath, resolve(options.cli ?? 'dist/knockgate.cjs')];
    // HOME too: no file of the person who runs this may be read or written.
    this.env = { ...process.env, HOME: this.configHome, XDG_CONFIG_HOME: this.configHome, ...options.env };
  }

  /** The environment and the command, for an `ssh` that starts the client as its ProxyCommand. */
  get environment(): NodeJS.ProcessEnv {
    return this.env;
  }

  /** The argument vector of `knockgate` with these arguments. */
  argv(args: readonly string[]): string[] {
    return [...this.command, ...args];
  }

  /** Runs `knockgate` in the client's namespace. */
  run(args: readonly string[], timeout = 30_000): Promise<Finished> {
    return run(this.ns, this.argv(args), { env: this.env, timeout });
  }

  /** Starts `knockgate` and leaves it running, with pipes. */
  start(args: readonly string[]): ChildProcess {
    return exec(this.ns, this.argv(args), { env: this.env });
  }

  /** Runs `knockgate … --json` and reads the last line that it printed. */
  async json(args: readonly string[], timeout = 30_000): Promise<JsonResult> {
    const done = await this.run([...args, '--json'], timeout);
    return { ...done, json: lastJson(done.stdout) };
  }

  /** Makes the client's key and returns the entry for gate.toml. */
  async keygen(name = 'alice-laptop'): Promise<ClientEntry> {
    const done = await this.must(['keygen', '--name', name]);
    const key = /^knockgate1 client (\S+)/m.exec(done.stdout)?.[1];
    if (!key) throw new Error(`knockgate keygen printed no enrolment line: ${done.stdout}`);
    return { name, key };
  }

  /** Pastes a gate's enrolment line. */
  async add(line: string, ...args: string[]): Promise<void> {
    await this.must(['add', line, ...args]);
  }

  private async must(args: readonly string[]): Promise<Finished> {
    const done = await this.run(args);
    if (done.code !== 0) throw new Error(`knockgate ${args[0]}: exit ${done.code}: ${done.stderr || done.stdout}`);
    return done;
  }
}

function lastJson(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
