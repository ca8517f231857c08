import { familyOf, formatAddress, parseAddress } from '../../base/addresses.ts';
import type { Clock } from '../../os/clock.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { cancelled, nameNotFound } from '../problems.ts';
import type { Resolve } from './resolve.ts';

/** Milliseconds to wait for a resolver: one that cannot reach its servers may take half a minute to say so. */
const RESOLVE_AT_MOST_MS = 5000;
/** Most addresses of one name: each wave of knocks goes to all of them, and a gate seldom has more. */
const MOST_OF_A_NAME = 8;

/**
 * Finds the addresses of a host's names, each once, in the system's order.
 * @param most addresses of one name
 * @throws Problem `name-not-found` when nothing resolves in a bounded time; `cancelled`
 */
export async function findAddresses(
  host: string,
  names: readonly string[],
  io: { readonly resolve: Resolve; readonly clock: Clock },
  signal: AbortSignal,
  most = MOST_OF_A_NAME,
): Promise<string[]> {
  const found = await Promise.all(names.map((name) => lookUp(name, io, signal)));
  if (signal.aborted) throw cancelled(host);
  const addresses = new Set(found.flatMap((each) => firstOf(each.addresses, Math.min(most, MOST_OF_A_NAME))));
  if (addresses.size === 0)
    throw nameNotFound(
      host,
      names,
      found.flatMap((each) => each.reason ?? []),
    );
  return [...addresses];
}

async function lookUp(
  name: string,
  io: { readonly resolve: Resolve; readonly clock: Clock },
  signal: AbortSignal,
): Promise<{ addresses: string[]; reason?: string }> {
  const literal = parseAddress(name);
  if (literal !== undefined) return { addresses: [formatAddress(literal)] };
  const timer = new AbortController();
  const stop = () => timer.abort();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const tooLate = io.clock.sleep(RESOLVE_AT_MOST_MS, timer.signal);
    const found = await Promise.race([io.resolve(name), tooLate]);
    return found === undefined ? { addresses: [], reason: 'ETIMEDOUT' } : { addresses: written(found) };
  } catch (error) {
    const reason = systemErrorCode(error);
    if (reason === undefined) throw error;
    return { addresses: [], reason };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Writes addresses in one way, and leaves out other texts. */
function written(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => parseAddress(text) ?? []).map(formatAddress))];
}

/** First addresses of a name; at least one of each family. */
function firstOf(addresses: readonly string[], most: number): readonly string[] {
  if (addresses.length <= most) return addresses;
  const first = addresses.slice(0, most);
  const isOther = (address: string) => familyOf(address) !== familyOf(first[0] ?? '');
  const other = addresses.find(isOther);
  return other === undefined || first.some(isOther) ? first : [...first.slice(0, -1), other];
}
