import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { scratch } from './cleanup.ts';
import { exec } from './netns.ts';
import { type Finished, finish } from './process.ts';
import { type AtTerminal, Typist } from './typist.ts';

const PROGRAMS = { knockgate: 'dist/knockgate.cjs', knockgated: 'dist/knockgated.cjs' } as const;

/** Home of the person, as outputs are compared: the real one is a scratch folder. */
const HOME = '/home/alice';

/** A computer with a person at it: a home of its own, a stick, and the programs of the build in its PATH. */
export class Workplace {
  readonly home: string;
  readonly discard: () => void;
  private readonly ns: string | undefined;
  private readonly enter: string;

  /** @param ns its network; by default this machine's, for commands that need none */
  constructor(ns?: string) {
    this.ns = ns;
    const { dir, discard } = scratch('workplace');
    this.discard = discard;
    this.home = join(dir, 'home');
    this.enter = join(dir, 'enter');
    for (const folder of ['home/.ssh', 'home/.zsh', 'home/.config/fish/completions', 'media/stick'])
      mkdirSync(join(dir, folder), { recursive: true, mode: 0o700 });
    for (const [name, file] of Object.entries(PROGRAMS))
      put(join(dir, 'bin', name), `#!/bin/sh\nexec ${process.execPath} ${resolve(file)} "$@"\n`, 0o755);
    // ssh asks the password file for the home, and examples name a stick in /media.
    const ssh = join(userInfo().homedir, '.ssh');
    const mounts = [
      `mkdir -p -m 700 ${ssh}`,
      `mount --bind ${this.home}/.ssh ${ssh}`,
      `mount --bind ${dir}/media /media`,
    ];
    const lines = ['#!/bin/bash', 'set -e', ...mounts, 'cd "$HOME"', 'exec bash -o pipefail -ec "$1"', ''];
    put(this.enter, lines.join('\n'), 0o755);
  }

  /** Writes a file below the home. */
  put(name: string, text: string, mode = 0o600): void {
    put(join(this.home, name), text, mode);
  }

  /** Runs a line as a shell would. */
  run(line: string, input = '', timeout = 300_000): Promise<Finished> {
    const argv = ['--mount', this.enter, line];
    const { env, ns } = this;
    const child = ns === undefined ? spawn('unshare', argv, { env }) : exec(ns, ['unshare', ...argv], { env });
    return finish(child, { input, timeout });
  }

  /** Types a line at a terminal without colours, on which nothing can be drawn. */
  at(line: string): Typist {
    const options: AtTerminal = { env: { ...this.env, NO_COLOR: '1', TERM: 'dumb' }, ...(this.ns && { ns: this.ns }) };
    return new Typist(`unshare --mount ${this.enter} ${quoted(line)}`, options);
  }

  /** An output with the paths of this computer as a person's would be. */
  shown(text: string): string {
    return text
      .replaceAll('\r\n', '\n')
      .replaceAll(this.home, HOME)
      .replaceAll(join(userInfo().homedir, '.ssh'), `${HOME}/.ssh`)
      .replaceAll(resolve(PROGRAMS.knockgate), `${HOME}/.local/bin/knockgate`)
      .replaceAll(process.execPath, '/usr/bin/node');
  }

  private get env(): NodeJS.ProcessEnv {
    const { PATH } = process.env;
    return { PATH: `${join(dirname(this.home), 'bin')}:${PATH}`, HOME: this.home, LC_ALL: 'C.UTF-8' };
  }
}

/** A word for sh(1). */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function put(file: string, text: string, mode: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}
