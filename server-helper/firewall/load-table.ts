import type { FirewallPlan, LiveGrant } from './firewall.ts';
import { elementOf, renderGrant } from './grants.ts';
import { exists } from './kernel-state.ts';
import { runNft } from './nft-once.ts';
import { renderGated, renderTable } from './table.ts';
import { TABLE } from './table-name.ts';

/**
 * Brings the kernel's table to a plan. One of an older make, whose sets cannot be kept, is replaced as a whole with its grants.
 * @param isForeign replaces it in any case
 * @param now steady milliseconds
 * @returns whether the sets kept their elements
 */
export async function loadTable(
  plan: FirewallPlan,
  live: readonly LiveGrant[],
  isForeign: boolean,
  now: number,
): Promise<boolean> {
  const script = renderTable(plan);
  try {
    if (!isForeign) {
      await runNft(['-f', '-'], script);
      return true;
    }
  } catch (error) {
    if (!(await exists('gated'))) throw error;
  }
  const grants = live.map((grant) =>
    renderGrant(elementOf(grant.address, grant.port, plan.ipv6Prefix), grant.seconds, grant.client),
  );
  await runNft(['-f', '-'], `delete table ${TABLE}\n${script}${renderGated(plan, now)}\n${grants.join('\n')}\n`);
  return false;
}
