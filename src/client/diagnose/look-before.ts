import { joined, type Phrase, phrase } from '../../base/phrase.ts';
import type { KnockIo } from '../gate/knock-io.ts';
import type { Probed, Through } from '../network/wait.ts';
import type { Result } from './diagnosis.ts';
import type { Way } from './way.ts';
import { withFamily } from './way.ts';

/** State of the host's port before anybody knocks. */
export interface Before {
  readonly result: Result;
  readonly finding: Phrase;
  /** Connection that got through, for the caller to use. */
  readonly through: Through | undefined;
}

/** Milliseconds to wait: less than the system takes to repeat its SYN. */
const WINDOW_MS = 700;

/** Tries the port at each address in turn, until one answers. */
export async function lookBefore(
  { probePort }: { readonly probePort: number },
  ways: readonly (Way & { readonly ok: true })[],
  io: Pick<KnockIo, 'probe'>,
  signal: AbortSignal,
): Promise<Before> {
  const words: Phrase[] = [];
  let isHidden = true;
  for (const { address } of ways) {
    const probed = await io.probe(address, probePort, WINDOW_MS, signal);
    if (probed.kind === 'open')
      return {
        result: 'unknown',
        finding: phrase(
          '{0} answers on tcp/{1} already: after an earlier knock, or without one.',
          withFamily(address),
          probePort,
        ),
        through: { ...probed, address, port: probePort },
      };
    words.push(inWords(withFamily(address), probed));
    isHidden = isHidden && probed.kind === 'silent';
  }
  return { result: isHidden ? 'ok' : 'unknown', finding: joined(words, ' '), through: undefined };
}

function inWords(address: string, probed: Exclude<Probed, { kind: 'open' }>): Phrase {
  switch (probed.kind) {
    case 'silent':
      return phrase('{0} is silent, as a closed gate is.', address);
    case 'refused':
      return phrase(
        '{0} refuses. A closed gate never does: it comes from a server without a gate, or from a firewall on the way.',
        address,
      );
    case 'unreachable':
      return phrase('{0} cannot be reached ({1}).', address, probed.code);
  }
}
