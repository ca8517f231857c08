import { DECOY_SET, renderNoDecoys } from './decoy-parts.ts';
import type { FirewallPlan, LiveGrant } from './firewall.ts';
import { elementOf, renderGrant } from './grants.ts';
import { exists } from './kernel-state.ts';
import { runNft } from './nft-once.ts';
import { GUARD_SHUT } from './spa-rules.ts';
import { renderGated, renderTable } from './table.ts';
import { TABLE } from './table-name.ts';

/** A table of ours, of this boot and this make; one that somebody has loaded from a file; or none. */
export type TableFound = 'none' | 'ours' | 'foreign';

/**
 * Brings the kernel's table to a plan. One of an older make, whose sets cannot be kept, is replaced as a whole with its grants.
 * @param found a foreign one is replaced in any case
 * @param now steady milliseconds
 * @returns whether the sets kept their elements
 */
export async function loadTable(
  plan: FirewallPlan,
  live: readonly LiveGrant[],
  found: TableFound,
  now: number,
): Promise<boolean> {
  const hadDecoys = plan.decoys === undefined && found === 'ours' && (await exists(DECOY_SET));
  const script = `${renderTable(plan)}${hadDecoys ? renderNoDecoys() : ''}`;
  const anew = `${script}${GUARD_SHUT}\n`;
  try {
    if (found !== 'foreign') {
      await runNft(['-f', '-'], found === 'none' ? anew : script);
      return true;
    }
  } catch (error) {
    if (!(await exists('gated'))) throw error;
  }
  const grants = live.map((grant) =>
    renderGrant(elementOf(grant.address, grant.port, plan.ipv6Prefix), grant.seconds, grant.client),
  );
  await runNft(['-f', '-'], `delete table ${TABLE}\n${anew}${renderGated(plan, now)}\n${grants.join('\n')}\n`);
  return false;
}
