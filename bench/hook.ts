import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { OpenPorts } from '../src/ssh/hook/open-ports.ts';
import { OpenWindow } from '../src/ssh/hook/open-window.ts';
import { posixScript } from '../src/ssh/hook/script.ts';
import { median } from './results.ts';

/** No process has it: the largest that Linux gives is 4194304. */
const DEAD = 99_999_999;

/** Milliseconds that a command takes from its start to its end. The processor is left to it: this process waits. */
function timeOf(program: string, args: readonly string[]): number {
  const startedNs = process.hrtime.bigint();
  spawnSync(program, args, { stdio: 'ignore' });
  return Number(process.hrtime.bigint() - startedNs) / 1e6;
}

const LEAST = 'least Node program';

/** Answers in a process of its own: this one waits for the script. */
const answering = `require('node:net').createServer((asker) => {
  asker.on('error', () => {});
  asker.once('data', () => asker.end('done\\n'));
}).listen(process.argv[1], () => console.log('listens'))`;

/**
 * Measures the time that the hook adds to an ssh. ssh runs the command of `Match exec` by a shell, as this does. The extension
 * answers at once here: a knock comes on top of that.
 */
export async function hook({ runs, say }: { runs: number; say: (line: string) => void }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'knockgate-hook-'));
  const [socket, stale, script, empty] = ['socket', 'stale', 'knock', 'empty.cjs'].map((name) => join(folder, name));
  if (socket === undefined || stale === undefined || script === undefined || empty === undefined) return;
  const pidNamespace = existsSync('/proc/self/ns/pid') ? readlinkSync('/proc/self/ns/pid') : '';
  const helper = resolve('dist/ssh-hook.cjs');
  writeFileSync(empty, '');
  writeFileSync(script, posixScript({ runtime: process.execPath, helper, socket, pidNamespace }), { mode: 0o700 });
  const openPorts = new OpenPorts(socket);
  const open = (secondsLeft: number, secondsTrusted: number) => {
    const [untilMs, trustedUntilMs] = [Date.now() + secondsLeft * 1000, Date.now() + secondsTrusted * 1000];
    openPorts.tell(new Map([['prod', { untilMs, trustedUntilMs }]]));
  };
  const times = new Map<string, number[]>();
  const measure = (name: string, program: string, args: readonly string[]) =>
    times.set(name, [...(times.get(name) ?? []), timeOf(program, args)]);
  const ask = (name: string) => measure(name, '/bin/sh', ['-c', `exec '${script}' ask-or-carry prod`]);
  const answers = spawn(process.execPath, ['-e', answering, stale], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(answers.stdout, 'data');
  const windows = new OpenWindow(socket, process.ppid);
  for (let i = 0; i < runs; i += 1) {
    measure(LEAST, process.execPath, [empty]);
    measure('shell that does nothing', '/bin/sh', ['-c', 'exit 1']);
    rmSync(socket, { force: true });
    ask('no editor runs');
    symlinkSync(stale, socket);
    new OpenWindow(socket, DEAD).enter(true);
    ask('the editor has crashed');
    windows.enter(true);
    openPorts.tell(new Map());
    ask('the extension is asked');
    open(20, 9);
    ask('the port was seen open a short while ago');
    open(20, -1);
    ask('the port is open, and is looked at meanwhile');
    windows.leave();
    // Until the helper has ended that nobody waited for.
    await new Promise((done) => setTimeout(done, 200));
  }
  answers.kill();
  rmSync(folder, { recursive: true, force: true });
  const least = median(times.get(LEAST) ?? []) ?? 0;
  for (const [name, all] of times) {
    const ms = median(all) ?? 0;
    say(`${name}: ${ms.toFixed(1)} ms, ${(ms - least).toFixed(1)} above the least Node program`);
  }
}
