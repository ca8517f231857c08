import { joined, type Phrase, phrase } from '../../base/phrase.ts';
import type { KnockIo } from '../gate/knock-io.ts';
import { type Through, waitForPort } from '../network/wait.ts';
import type { PortTried } from './try-ports.ts';
import { withFamily } from './way.ts';

/** Addresses that have opened. */
export interface Families {
  readonly open: readonly string[];
  readonly shut: readonly string[];
  readonly finding: Phrase;
}

/** Milliseconds after which the other addresses have opened too: they were knocked at in the same moment. */
const OTHERS_WITHIN_MS = 900;

/** Looks at the addresses that were knocked at together with the one that opened: ssh may try any of them. */
export async function afterKnock(
  through: Through,
  tried: readonly PortTried[],
  { probePort }: { readonly probePort: number },
  io: KnockIo,
  signal: AbortSignal,
): Promise<Families> {
  const { sentTo = [], afterMs = 0 } = tried.at(-1) ?? {};
  const open = [through.address];
  const shut: string[] = [];
  for (const address of sentTo.filter((each) => each !== through.address)) {
    const deadlineMs = io.clock.monotonicMs() + OTHERS_WITHIN_MS;
    const waited = await waitForPort([address], probePort, deadlineMs, io, signal);
    if (waited.kind === 'open') waited.socket.end();
    (waited.kind === 'open' ? open : shut).push(address);
  }
  const words = [
    phrase('{0} opened after {1} ms.', withFamily(through.address), Math.round(afterMs)),
    ...open.slice(1).map((address) => phrase('{0} opened, too.', withFamily(address))),
    ...shut.map((address) => phrase('{0} stays shut.', withFamily(address))),
  ];
  return { open, shut, finding: joined(words, ' ') };
}

/** Writes the result for each knock port. */
export function portsInWords(tried: readonly PortTried[], all: readonly number[]): Phrase {
  const words = tried.map(({ port, codes, waited }) => {
    if (waited === undefined)
      return phrase('UDP {0}: it could not be sent ({1}).', port, [...new Set(codes)].join(', '));
    const arrives = waited.kind === 'open' || waited.kind === 'refused';
    return arrives ? phrase('UDP {0}: arrives.', port) : phrase('UDP {0}: no answer.', port);
  });
  const rest = all.slice(tried.length);
  return joined([...words, ...(rest.length > 0 ? [phrase('Not tried: UDP {0}.', rest.join(', '))] : [])], ' ');
}
