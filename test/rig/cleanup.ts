import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const duties = new Set<() => void>();
let watching = false;

/** Runs `duty` when this process ends, also by Ctrl-C. It must be synchronous. The result cancels it. */
export function atEnd(duty: () => void): () => void {
  watch();
  duties.add(duty);
  return () => duties.delete(duty);
}

/** Makes a temporary directory, which is deleted when this process ends, or by `discard`. */
export function scratch(purpose: string): { dir: string; discard: () => void } {
  const dir = mkdtempSync(join(tmpdir(), `kg-${purpose}-`));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const takeBack = atEnd(remove);
  const discard = () => {
    takeBack();
    remove();
  };
  return { dir, discard };
}

function watch() {
  if (watching) return;
  watching = true;
  process.on('exit', clean);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      clean();
      // Another listener for the signal may have more to clean up, and ends the process itself.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}

/** In order: namespaces are made before the directories that programs inside them use, and so end before them. */
function clean() {
  for (const duty of [...duties]) duty();
  duties.clear();
}
