import { TABLE } from './table-name.ts';

/* Parts of the table that are there while a port leads to a decoy; server-helper/decoy makes them. */

/** Chains that must be as they were armed. */
export const DECOY_CHAINS = ['decoy', 'decoy_visit', 'decoy_in', 'decoy_check'] as const;

/** Kinds of remembered addresses: each has a set for IPv4 and one for IPv6. */
export const DECOY_SETS = ['known', 'knocked', 'held', 'seen', 'noted'] as const;

/** A set that is there while any port leads to a decoy. */
export const DECOY_SET = 'decoy_seen4';

/** The commands that take it away, behind a script that makes a table without decoys. */
export function renderNoDecoys(): string {
  const each = (command: string, names: readonly string[]) => names.map((name) => `${command} ${TABLE} ${name}\n`);
  return [
    ...each('flush chain', DECOY_CHAINS),
    ...each('delete chain', DECOY_CHAINS),
    ...each(
      'delete set',
      DECOY_SETS.flatMap((set) => [4, 6].map((family) => `decoy_${set}${family}`)),
    ),
    ...each('delete counter', ['decoy']),
  ].join('');
}
