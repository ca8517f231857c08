import { replaceFile } from '../own-file.ts';
import type { FirewallPlan } from './firewall.ts';
import { renderArmedAnew } from './sequences.ts';
import { GUARD_SHUT } from './spa-rules.ts';
import { REMOVE_TABLE, renderGated, renderTable } from './table.ts';

/** Long enough for any daemon to come up after a boot. */
const BOOT_SECONDS = 900;

/**
 * Renders what hides the ports at the next boot, before the network comes up and before there is a daemon: a script that nft loads by
 * itself. The kernel ends it after 15 minutes, whatever `daemon_dead` says: a daemon that does not start at boot was never
 * there to be knocked at, and booting is what an owner who is locked out can still do. Which one-time sequences were used before
 * the boot nobody knows; the daemon finds that noted. No port leads to a decoy: the kernel does not know the clients' addresses yet. A table that is there already comes from a ruleset that somebody saved: it is
 * replaced, or its old grants would count again.
 */
export function renderBoot(plan: FirewallPlan): string {
  const noted = plan.sequences === undefined ? '' : `${renderArmedAnew()}\n`;
  return `${REMOVE_TABLE}\n${renderTable({ ...plan, decoys: undefined })}${GUARD_SHUT}\n${noted}${renderGated({ ...plan, openAfter: BOOT_SECONDS }, 0)}\n`;
}

/** Keeps the script for the next boot; does without when the disk takes none. */
export function keepBootScript(path: string, plan: FirewallPlan): void {
  try {
    replaceFile(path, renderBoot(plan), 0o600);
  } catch {
    // The previous one stays.
  }
}
