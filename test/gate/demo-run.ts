import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MARK, namespacesOf, processesOf } from '../rig/leftovers.ts';
import { ended, type Finished, finish, sleep } from '../rig/process.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NOBODY = 65534;

/** Other users may not be able to read our clone. Apart from that right, this is an ordinary user. */
export const AS_NOBODY = [
  'setpriv',
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  '--inh-caps=-all,+dac_read_search',
  '--ambient-caps=-all,+dac_read_search',
  '--bounding-set=-all,+dac_read_search',
];

/** A folder for everything that a test of the demo makes. */
export function makeRoom(): { readonly room: string; readonly discard: () => void } {
  const room = mkdtempSync(join(tmpdir(), 'demo-test-'));
  chmodSync(room, 0o755);
  return { room, discard: () => rmSync(room, { recursive: true, force: true }) };
}

/** A clone in `room` that belongs to somebody who is not root. */
export function cloneOfNobody(room: string): string {
  const clone = join(room, 'clone');
  mkdirSync(clone);
  const parts = ['package.json', 'package-lock.json', 'scripts', 'server-helper', 'src', 'test', 'tsconfig.json'];
  for (const name of parts) cpSync(join(ROOT, name), join(clone, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  chownSync(clone, NOBODY, NOBODY);
  return clone;
}

/** A demo that runs, in a folder for temporary files of its own. */
export interface Demo {
  child: ChildProcess;
  said(): string;
  done: Promise<Finished & { seconds: number }>;
  /** Ends the demo early. Ctrl-C reaches all programs in the foreground of the terminal; kill reaches one. */
  interrupt(how: string): Promise<number | null>;
  /** Things that it has left behind after its end, in words; empty when nothing. */
  leftovers(): string[];
}

/** Starts it, with its temporary files in a folder of its own in `room`. */
export function startDemo(
  room: string,
  args: readonly string[] = [],
  { root = ROOT, wrapper = [] as string[] } = {},
): Demo {
  const temporary = mkdtempSync(join(room, 'tmp-'));
  chmodSync(temporary, 0o777);
  const mark = randomUUID();
  const [program = '', ...rest] = [...wrapper, process.execPath, join(root, 'scripts/demo.mjs'), ...args];
  const start = performance.now();
  const env = { ...process.env, TMPDIR: temporary, [MARK]: mark };
  const child = spawn(program, rest, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const pid = child.pid ?? 0;
  let said = '';
  const namespaces = new Map<string, number>();
  child.stdout?.on('data', (text) => {
    said += text;
    for (const [name, inode] of namespacesOf(pid)) namespaces.set(name, inode);
  });
  const done = finish(child, { timeout: 150_000 }).then((finished) => {
    return { ...finished, seconds: (performance.now() - start) / 1000 };
  });
  return {
    child,
    said: () => said,
    done,
    interrupt: async (how) => {
      process.kill(how === 'Ctrl-C' ? -pid : pid, how === 'kill -TERM' ? 'SIGTERM' : 'SIGINT');
      const code = await ended(child);
      // What was killed needs a moment to be gone.
      await sleep(200);
      return code;
    },
    leftovers: () => [
      ...namespacesOf(pid).keys(),
      ...readdirSync(temporary),
      ...processesOf(mark, namespaces.values()),
    ],
  };
}

/** Waits until the demo has printed something. */
export async function heard(demo: Demo, text: string): Promise<void> {
  while (!demo.said().includes(text)) {
    if (demo.child.exitCode !== null) throw new Error(`the demo ended before it said "${text}": ${demo.said()}`);
    await sleep(20);
  }
}
