import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../rig/client.ts';
import type { Stanza } from '../../rig/fwknopd.ts';
import { type Pair, run, TARGET4 } from '../../rig/netns.ts';

/** Hides every port of the target but those that fwknopd opens. */
export async function hidePorts({ target }: Pair): Promise<void> {
  for (const rule of ['-P INPUT DROP', '-A INPUT -i lo -j ACCEPT', '-A INPUT -m state --state ESTABLISHED -j ACCEPT'])
    await run(target, ['iptables', ...rule.split(' ')]);
}

/**
 * Writes the hosts file: `bastion` is the target's fwknopd.
 * @param stanza its keys
 * @param lines more fields
 */
export function writeBastion(
  configHome: Client['configHome'],
  { key, hmacKey }: Pick<Stanza, 'key' | 'hmacKey'>,
  lines: readonly string[],
): void {
  const folder = join(configHome, 'knockgate');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'keys'), `KEY ${key}\nHMAC_KEY ${hmacKey}\n`, { mode: 0o600 });
  const table = ['[bastion]', 'kind = "fwknop"', `address = "${TARGET4}"`, 'keyFile = "keys"', ...lines];
  writeFileSync(join(folder, 'hosts.toml'), `${table.join('\n')}\n`);
}
