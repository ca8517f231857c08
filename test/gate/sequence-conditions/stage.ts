import { CLIENT4, CLIENT6, run } from '../../rig/netns.ts';
import { loadNft } from '../../rig/nft.ts';
import { sendPackets } from '../../rig/packets.ts';
import type { Scene } from '../../rig/scene.ts';
import { SEQUENCES } from './cases.ts';

const GRANTS = ['sequence_granted4', 'sequence_granted6'];
const PLACES = ['sequence_at4', 'sequence_at6'];

/** Tables `[[sequence]]` of the cases. */
export function caseSequences(): Record<string, unknown>[] {
  return Object.entries(SEQUENCES).map(([name, steps]) => ({
    name,
    steps,
    step_timeout: 2,
    grant: 20,
    ...(name === 'all' && { sources: [CLIENT4, CLIENT6] }),
  }));
}

/** Sends packets as somebody who has sent nothing yet, and looks whether the kernel has let anybody in. Nobody is afterwards. */
export async function opensTo(
  { pair }: Scene,
  host: string,
  packets: readonly string[],
  from?: string,
): Promise<boolean> {
  await loadNft(pair.target, PLACES.map((map) => `flush map inet knockgate ${map}`).join('\n'));
  await sendPackets(pair.client, host, packets, from);
  return await takeGrants(pair.target);
}

/** Ends all grants of sequences. @returns whether there were any */
export async function takeGrants(ns: string): Promise<boolean> {
  let found = '';
  for (const set of GRANTS) found += (await run(ns, ['nft', 'list', 'set', 'inet', 'knockgate', set])).stdout;
  await loadNft(ns, GRANTS.map((set) => `flush set inet knockgate ${set}`).join('\n'));
  return found.includes('elements');
}
