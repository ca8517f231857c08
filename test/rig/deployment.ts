import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { scratch } from './cleanup.ts';
import { exec, TARGET4 } from './netns.ts';
import { ended, type Finished, finish, sleep } from './process.ts';
import { HOST_ALIAS } from './sshd.ts';
import type { Target } from './target.ts';

const PROGRAM = resolve(import.meta.dirname, '../../dist/knockgate.cjs');

/** Differences from the usual client. */
export interface ClientOptions {
  /** More lines for the host's block in the SSH configuration. */
  config?: readonly string[];
  /** Whether there is no key, so that the password remains. */
  withoutKey?: boolean;
}

/** Input and environment of a run. */
interface Run {
  input?: string;
  env?: NodeJS.ProcessEnv;
}

/** A person at a terminal, on the client's side of a target, with a home of their own. */
export class Deployer {
  readonly home: string;
  readonly config: string;
  readonly knownHosts: string;
  readonly discard: () => void;
  private readonly target: Target;
  /** Command line, beside the files that it brings to servers. */
  program = PROGRAM;

  constructor(target: Target, { config = [], withoutKey = false }: ClientOptions = {}) {
    this.target = target;
    const { dir, discard } = scratch('deployer');
    this.discard = discard;
    this.home = join(dir, 'home');
    mkdirSync(this.home);
    this.config = join(dir, 'config');
    this.knownHosts = join(dir, 'known_hosts');
    writeFileSync(this.knownHosts, readFileSync(target.knownHosts));
    const lines = [
      'Host target',
      `HostName ${TARGET4}`,
      `User ${target.user}`,
      ...(withoutKey ? ['IdentityFile none'] : [`IdentityFile ${target.identity}`]),
      'IdentitiesOnly yes',
      `UserKnownHostsFile ${this.knownHosts}`,
      'GlobalKnownHostsFile none',
      `HostKeyAlias ${HOST_ALIAS}`,
      ...config,
    ];
    writeFileSync(this.config, `${lines.join('\n')}\n`);
  }

  /** Runs the command line to its end. `input` is what the person types. */
  run(argv: readonly string[], { input = '', env = {} }: Run = {}): Promise<Finished> {
    return finish(this.start(argv, env), { input, timeout: 200_000 });
  }

  /** Starts the command line. */
  start(argv: readonly string[], more: NodeJS.ProcessEnv = {}): ChildProcess {
    const env = { PATH: process.env.PATH, HOME: this.home, LC_ALL: 'C.UTF-8', ...more };
    return exec(this.target.pair.client, [process.execPath, this.program, ...argv], { env });
  }

  /** `knockgate deploy target`, with options, and with every detail of plan and report. */
  deploy(options: readonly string[] = [], run: Run = {}): Promise<Finished> {
    return this.run(['deploy', 'target', '--verbose', '--ssh-config', this.config, ...options], run);
  }

  /** `knockgate undeploy target`, with options. */
  undeploy(options: readonly string[] = [], run: Run = {}): Promise<Finished> {
    return this.run(['undeploy', 'target', '--verbose', '--ssh-config', this.config, ...options], run);
  }

  knock(): Promise<Finished> {
    return this.run(['knock', 'target', '--force']);
  }
}

/** Starts a deployment, and runs something as soon as it announces a certain step. */
export function deployUntil(
  deployer: Deployer,
  options: readonly string[],
  step: RegExp,
  then: (child: ChildProcess) => Promise<void>,
  input = '',
  env: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const argv = ['deploy', 'target', '--verbose', '--ssh-config', deployer.config, ...options];
  return runUntil(deployer, argv, step, then, input, env);
}

/** Starts the command line, and runs something as soon as it announces a certain step. */
export async function runUntil(
  deployer: Deployer,
  argv: readonly string[],
  step: RegExp,
  then: (child: ChildProcess) => Promise<void>,
  input = '',
  env: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const child = deployer.start(argv, env);
  let said = '';
  // The plan, which is shown before anything is done, has the same words.
  const isDoing = () => said.split('\n').some((line) => line.startsWith('· ') && step.test(line));
  const seen = new Promise<void>((done) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (isDoing()) done();
    });
  });
  const finished = finish(child, { input, timeout: 200_000 });
  await Promise.race([seen, ended(child)]);
  if (!isDoing()) throw new Error(`it ended before ${step}:\n${said}`);
  await then(child);
  return finished;
}

/** Waits until a condition holds; the error names the condition. */
export async function until(what: string, holds: () => Promise<boolean>, withinMs: number): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(200);
  }
  return performance.now() - start;
}
