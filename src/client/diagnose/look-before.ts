import type { KnockIo } from '../knock-and-wait.ts';
import type { Target } from '../target.ts';
import type { Through } from '../wait.ts';
import type { Result } from './diagnosis.ts';
import type { Way } from './way.ts';
import { withFamily } from './way.ts';

/** What the host's port does before anybody knocks. */
export interface Before {
  readonly result: Result;
  readonly finding: string;
  /** A connection that got through, for the caller to use. */
  readonly through: Through | undefined;
}

/** Never so long that the system repeats its SYN. */
const WINDOW_MS = 700;

/** Tries the port at each address in turn, until one answers. */
export async function lookBefore(
  { probePort }: Target & { readonly probePort: number },
  ways: readonly (Way & { readonly ok: true })[],
  io: KnockIo,
  signal: AbortSignal,
): Promise<Before> {
  const words: string[] = [];
  for (const { address } of ways) {
    const probed = await io.probe(address, probePort, WINDOW_MS, signal);
    if (probed.kind === 'open')
      return {
        result: 'cannot be told',
        finding: `${withFamily(address)} answers on tcp/${probePort} without a knock.`,
        through: { ...probed, address, port: probePort },
      };
    const reason = probed.kind === 'unreachable' ? `cannot be reached (${probed.code})` : WORDS[probed.kind];
    words.push(`${withFamily(address)} ${reason}.`);
  }
  const isHidden = words.every((each) => each.includes(WORDS.silent));
  return { result: isHidden ? 'ok' : 'cannot be told', finding: words.join(' '), through: undefined };
}

const WORDS = {
  silent: 'is silent, as a closed gate is',
  refused: 'refuses, as no closed gate does: it comes from the server without a gate, or from a firewall on the way',
};
