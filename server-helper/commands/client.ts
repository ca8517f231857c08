import { parseClientLine, parseName } from '../../src/spa/enrolment.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { formatPortRange } from '../../src/spa/ports.ts';
import { ExitCode, Problem } from '../../src/spa/problem.ts';
import { replaceFile, withClient, withoutClient } from '../config/edit.ts';
import { parseGateConfig } from '../config/gate-config.ts';
import { readConfigText } from '../config/load.ts';
import { askDaemon } from '../control/client.ts';
import type { Paths } from '../paths.ts';

/** What became of a change of the clients: `reloaded` is false when no daemon runs, which then reads it at its start. */
export interface ClientChange {
  readonly name: string;
  readonly reloaded: boolean;
}

/** Enrols a client by the line that its `knockgate pubkey` prints. */
export async function addClient(
  paths: Paths,
  line: string,
  options: { name: string | undefined; ports: readonly string[] },
): Promise<ClientChange> {
  const enrolment = parseClientLine(line);
  const name = options.name === undefined ? enrolment.name : parseName(options.name);
  const text = readConfigText(paths.config);
  replaceFile(paths.config, withClient(text, paths.config, { name, key: enrolment.key, ports: options.ports }));
  return { name, reloaded: await reloadDaemon(paths) };
}

/** Takes a client out, and ends its live grants. */
export async function removeClient(paths: Paths, name: string): Promise<ClientChange> {
  replaceFile(paths.config, withoutClient(readConfigText(paths.config), paths.config, name));
  const reloaded = await reloadDaemon(paths);
  if (reloaded) await askDaemon(paths.socket, { command: 'revoke', whom: name });
  return { name, reloaded };
}

export interface ShownClient {
  readonly name: string;
  readonly key: string;
  readonly ports: readonly string[];
  readonly enabled: boolean;
}

export function listClients(paths: Paths): ShownClient[] {
  const { clients } = parseGateConfig(readConfigText(paths.config), paths.config);
  return clients.map(({ name, key, ports, enabled }) => ({
    name,
    key: formatKey(key),
    ports: ports.map(formatPortRange),
    enabled,
  }));
}

async function reloadDaemon(paths: Paths): Promise<boolean> {
  try {
    await askDaemon(paths.socket, { command: 'reload' });
    return true;
  } catch (error) {
    if (error instanceof Problem && error.text.code === 'not-running') return false;
    if (error instanceof Problem && error.text.exit === ExitCode.privilege) return false;
    throw error;
  }
}
