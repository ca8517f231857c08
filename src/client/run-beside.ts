/** Runs `side` beside `main`, and ends it with it; a signal from outside ends both. */
export async function meanwhile<T>(
  outer: AbortSignal,
  side: (signal: AbortSignal) => Promise<void>,
  main: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // Node 18 has no AbortSignal.any.
  const inner = new AbortController();
  const abort = () => inner.abort();
  outer.addEventListener('abort', abort);
  if (outer.aborted) abort();
  const beside = side(inner.signal);
  try {
    const [result] = await Promise.all([main(inner.signal).finally(abort), beside]);
    return result;
  } finally {
    abort();
    outer.removeEventListener('abort', abort);
  }
}
