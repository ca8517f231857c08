import { dirname, isAbsolute, join } from 'node:path';
import type { Arguments } from './command.ts';
import type { Shell } from './shell.ts';

/**
 * `~/.config/knockgate`, or below `XDG_CONFIG_HOME`, which counts when absolute only (XDG Base Directory); on Windows
 * `%APPDATA%\\knockgate`.
 */
function configFolder({ env, homeFolder, platform }: Shell): string {
  const isWindows = platform === 'win32';
  const named = isWindows ? env.APPDATA : env.XDG_CONFIG_HOME;
  const usual = join(homeFolder, ...(isWindows ? ['AppData', 'Roaming'] : ['.config']));
  return join(named !== undefined && isAbsolute(named) ? named : usual, 'knockgate');
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
