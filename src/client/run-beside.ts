import { either } from '../os/abort.ts';

/** Runs `side` beside `main`, and ends it with it; a signal from outside ends both. */
export async function meanwhile<T>(
  outer: AbortSignal,
  side: (signal: AbortSignal) => Promise<void>,
  main: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const abort = () => over.abort();
  const inner = either(outer, over.signal);
  const beside = side(inner.signal);
  try {
    const [result] = await Promise.all([main(inner.signal).finally(abort), beside]);
    return result;
  } finally {
    abort();
    inner.release();
  }
}
