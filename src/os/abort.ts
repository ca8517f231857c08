/** A signal that aborts with the first of two, until it is released: Node 18 has no AbortSignal.any. */
export function either(one: AbortSignal, other: AbortSignal): { readonly signal: AbortSignal; release(): void } {
  const both = new AbortController();
  const abort = () => both.abort();
  const release = () => {
    for (const each of [one, other]) each.removeEventListener('abort', abort);
  };
  for (const each of [one, other]) each.addEventListener('abort', abort);
  if (one.aborted || other.aborted) abort();
  return { signal: both.signal, release };
}
