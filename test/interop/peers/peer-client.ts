import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '../../rig/client.ts';

/** A client with these hosts, and these key files beside its hosts file. */
export function clientWith(ns: string, hosts: string, keys: Readonly<Record<string, string>>): Client {
  const client = new Client(ns);
  const folder = join(client.configHome, 'knockgate');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'hosts.toml'), hosts);
  for (const [name, text] of Object.entries(keys)) {
    writeFileSync(join(folder, name), `${text}\n`);
    chmodSync(join(folder, name), 0o600);
  }
  return client;
}
