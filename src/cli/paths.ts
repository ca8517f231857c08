import { dirname, join } from 'node:path';
import { configFolder, LEDGER } from '../client/config-folder.ts';
import type { Arguments } from '../command-table/read-line.ts';
import type { Shell } from './shell.ts';

export function hostsPath(shell: Shell): string {
  return join(configFolder(shell), 'hosts.toml');
}

/** The key file: `--identity`, else `id` beside the hosts file. */
export function keyPath(args: Arguments, shell: Shell): string {
  return args.value('identity') ?? join(configFolder(shell), 'id');
}

/** Path of the ledger that all processes with this key share. */
export function ledgerPath(key: string): string {
  return join(dirname(key), LEDGER);
}
