import { dirname, join } from 'node:path';
import { configFolder, LEDGER } from '../client/config-folder.ts';
import type { Arguments } from '../command-table/read-line.ts';
import type { Shell } from './shell.ts';

/** The hosts file. */
export function hostsPath(shell: Shell): string {
  return join(configFolder(shell), 'hosts.toml');
}

/** The key file: `--identity`, else `id` beside the hosts file. */
export function keyPath(args: Arguments, shell: Shell): string {
  return args.value('identity') ?? join(configFolder(shell), 'id');
}

/** The ledger of those who share that key. */
export function ledgerPath(key: string): string {
  return join(dirname(key), LEDGER);
}
