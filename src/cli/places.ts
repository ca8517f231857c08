import { dirname, isAbsolute, join } from 'node:path';
import type { Arguments } from './command.ts';
import type { Shell } from './shell.ts';

/** `~/.config/knockgate`, or below `XDG_CONFIG_HOME`; which counts when absolute only (XDG Base Directory). */
function configFolder(shell: Shell): string {
  const xdg = shell.env.XDG_CONFIG_HOME;
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(shell.homeFolder, '.config'), 'knockgate');
}

/** The hosts file. */
export function hostsPath(shell: Shell): string {
  return join(configFolder(shell), 'hosts.toml');
}

/** The key file: `--identity`, else `id` beside the hosts file. */
export function keyPath(args: Arguments, shell: Shell): string {
  return args.value('identity') ?? join(configFolder(shell), 'id');
}

/** The ledger is beside the key, since those who share one share the other. */
export function ledgerPath(key: string): string {
  return join(dirname(key), 'ledger.json');
}
