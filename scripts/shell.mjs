import { spawn } from 'node:child_process';

const SIGNALS = ['SIGINT', 'SIGTERM'];

/**
 * Runs a program to its end and returns its exit code and everything that it printed, both streams in order.
 * With `live` it prints straight to the terminal instead; `timeout` (milliseconds) ends it and all that it started.
 */
export function shell(argv, { env, cwd, live = false, timeout = 0 } = {}) {
  return new Promise((resolve) => {
    const [program, ...args] = argv;
    // A group of its own only where there is a timeout: Ctrl-C in a terminal reaches just the foreground group.
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      detached: timeout > 0,
    });
    let output = '';
    let late = false;
    const hear = (text) => {
      output += text;
    };
    child.stdout?.setEncoding('utf8').on('data', hear);
    child.stderr?.setEncoding('utf8').on('data', hear);

    const signalAll = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // Everything in the group has ended.
      }
    };
    const timers = [];
    if (timeout > 0) {
      timers.push(
        setTimeout(() => {
          late = true;
          signalAll('SIGTERM');
        }, timeout),
        setTimeout(() => signalAll('SIGKILL'), timeout + 10_000),
      );
    }
    const forward = (signal) => signalAll(signal);
    if (timeout > 0) for (const signal of SIGNALS) process.on(signal, forward);
    const done = (code) => {
      for (const timer of timers) clearTimeout(timer);
      for (const signal of SIGNALS) process.off(signal, forward);
      if (late) output += `\nended after ${timeout / 1000} s: too slow\n`;
      resolve({ code, output });
    };
    child.on('error', (error) => {
      output += `${program}: ${error.message}\n`;
      done(127);
    });
    child.on('close', (code) => done(code ?? 128));
  });
}
