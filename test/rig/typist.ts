import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { exec } from './netns.ts';
import { ended } from './process.ts';

/** Options of a program at a terminal. */
export interface AtTerminal {
  /** Namespace; default: none of its own. */
  ns?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** Longest wait, for a busy machine; the error shows the output so far. */
const PATIENCE = 60_000;

/** A person at a real terminal: reads what a program shows, and types. */
export class Typist {
  /** Everything that the terminal has shown. */
  shown = '';
  private readonly child: ChildProcess;
  private read = 0;
  private heard: () => void = () => {};

  /** @param line a program and its arguments, for a shell; or a pipeline */
  constructor(line: string, { ns, env, cwd }: AtTerminal = {}) {
    // script(1) makes the terminal. A shell that stayed would end at Ctrl-C too, with a code of its own (dash does).
    const argv = ['script', '-qefc', `stty cols 120 rows 50; exec ${line}`, '/dev/null'];
    // The tests themselves may run without colours; the person whom this plays does not.
    const { NO_COLOR: _, ...usual } = process.env;
    const options = { env: { ...usual, SHELL: '/bin/sh', TERM: 'xterm', ...env }, ...(cwd !== undefined && { cwd }) };
    const [program = '', ...args] = argv;
    this.child = ns === undefined ? spawn(program, args, options) : exec(ns, argv, options);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.shown += text;
      this.heard();
    });
    this.child.once('exit', () => this.heard());
  }

  /** Waits until the terminal shows something new that matches, and goes on behind it. */
  async sees(what: RegExp | string, withinMs = PATIENCE): Promise<string> {
    const end = performance.now() + withinMs;
    for (;;) {
      const rest = this.shown.slice(this.read);
      const at = typeof what === 'string' ? rest.indexOf(what) : (what.exec(rest)?.index ?? -1);
      const length = typeof what === 'string' ? what.length : (what.exec(rest)?.[0].length ?? 0);
      if (at >= 0) {
        this.read += at + length;
        return rest.slice(0, at + length);
      }
      const left = end - performance.now();
      if (left <= 0 || this.child.exitCode !== null) throw new Error(`${what} was not shown:\n${this.shown}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.heard = () => {
          clearTimeout(timer);
          // A program's last output may come after its end.
          setTimeout(resolve, this.child.exitCode === null ? 0 : 100);
        };
      });
    }
  }

  /** Types keys, as they are: `\r` is Return. */
  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /**
   * Waits for the end of the program.
   * @returns its exit code
   */
  async ends(): Promise<number | null> {
    return await ended(this.child);
  }

  /** Hangs up. */
  leave(): void {
    this.child.kill('SIGHUP');
  }
}
