import type { KnockIo } from '../knock-and-wait.ts';
import { type Through, waitForPort } from '../wait.ts';
import type { PortTried } from './try-ports.ts';
import { withFamily } from './way.ts';

/** Which addresses have opened. */
export interface Families {
  readonly open: readonly string[];
  readonly shut: readonly string[];
  readonly finding: string;
}

/** By then the others have opened too: they were knocked at in the same moment. */
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
    `${withFamily(through.address)} opened after ${Math.round(afterMs)} ms.`,
    ...open.slice(1).map((address) => `${withFamily(address)} opened, too.`),
    ...shut.map((address) => `${withFamily(address)} stays shut.`),
  ];
  return { open, shut, finding: words.join(' ') };
}

/** What came of each knock port. */
export function portsInWords(tried: readonly PortTried[], all: readonly number[]): string {
  const words = tried.map(({ port, codes, waited }) => {
    if (waited === undefined) return `UDP ${port}: it could not be sent (${[...new Set(codes)].join(', ')}).`;
    return `UDP ${port}: ${waited.kind === 'open' || waited.kind === 'refused' ? 'arrives' : 'no answer'}.`;
  });
  const rest = all.slice(tried.length);
  return [...words, ...(rest.length > 0 ? [`Not tried: UDP ${rest.join(', ')}.`] : [])].join(' ');
}
