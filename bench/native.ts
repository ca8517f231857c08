import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '../test/rig/process.ts';

const SOURCES = fileURLToPath(new URL('./native/', import.meta.url));
const CACHE = fileURLToPath(new URL('../.cache/bench/', import.meta.url));

/**
 * Compiles one of the small programs that measure, unless that very source was compiled before, and returns its path. They
 * are in C since Node's sockets are too slow to flood with, and its timers too coarse to probe by.
 */
export async function native(name: 'acceptor' | 'element' | 'flooder' | 'prober' | 'stopwatch'): Promise<string> {
  const source = join(SOURCES, `${name}.c`);
  const version = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  const program = join(CACHE, `${name}-${version}`);
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  // Others may compile the same at this moment.
  const fresh = `${program}.${process.pid}.${randomUUID()}`;
  await must(['gcc', '-O2', '-Wall', '-Wextra', '-Werror', '-o', fresh, source]);
  renameSync(fresh, program);
  return program;
}
