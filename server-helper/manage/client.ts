import { formatNetwork } from '../../src/base/addresses.ts';
import { equalConstantTime } from '../../src/base/bytes.ts';
import { formatPort, formatPortRange } from '../../src/base/ports.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { parseClientLine, parseName } from '../../src/spa/enrolment.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { changeFile, withClient, withoutClient } from '../config/edit.ts';
import { parseGateConfig } from '../config/gate-config.ts';
import { Kept } from '../config/kept.ts';
import { loadText, readConfigText } from '../config/load.ts';
import { Skipped } from '../config/skipped.ts';
import { tellDaemon } from '../control/client.ts';
import { exists } from '../firewall/kernel-state.ts';
import { runNft } from '../firewall/nft-once.ts';
import { renderNoTags } from '../firewall/tag-elements.ts';
import type { Paths } from '../paths.ts';
import { notInForce } from '../problems.ts';
import { clientKeyKnown, clientNameTaken } from './client-problems.ts';

/** Result of a change of the clients. `reloaded` is false when no daemon runs: it reads the change at its start. */
export interface ClientChange {
  readonly name: string;
  readonly reloaded: boolean;
}

/** Client that was enrolled; `known` when it was enrolled before in the same way, and nothing was changed. */
export interface ClientAddition extends ClientChange {
  readonly known: boolean;
}

/** Client that was removed; `nobody_left` when nothing in the configuration opens this gate any more. */
export interface ClientRemoval extends ClientChange {
  readonly nobody_left: boolean;
}

/**
 * Enrols a client by the line that its `knockgate pubkey` prints. The same line once more changes nothing.
 * @throws Problem before anything is written; `not-in-force` when the running daemon rejected the file, for a fault that was there
 * before
 */
export async function addClient(
  paths: Paths,
  line: string,
  options: { name: string | undefined; ports: readonly string[]; pskFile?: string | undefined },
): Promise<ClientAddition> {
  const enrolment = parseClientLine(line);
  const name = options.name === undefined ? enrolment.name : parseName(options.name);
  const { ports, pskFile } = options;
  const kept = new Kept();
  const { clients } = parseGateConfig(readConfigText(paths.config), paths.config, kept);
  const sameKey = clients.find(({ key }) => equalConstantTime(key, enrolment.key));
  if (sameKey?.name === name && ports.length === 0 && pskFile === undefined)
    return { name, reloaded: false, known: true };
  if (sameKey !== undefined) throw clientKeyKnown(sameKey.name, paths.config);
  if (clients.some((each) => each.name === name)) throw clientNameTaken(name);
  const client = { name, key: enrolment.key, ports, pskFile };
  await change(paths, kept, (text) => withClient(text, paths.config, client, kept));
  return { name, reloaded: await reloadDaemon(paths), known: false };
}

/**
 * Removes a client, and ends its live grants, even when the configuration cannot be changed: this is for stolen keys.
 * @throws Problem; `not-in-force` when the file was changed and the running daemon did not take it
 */
export async function removeClient(paths: Paths, name: string): Promise<ClientRemoval> {
  const revoked = await tellDaemon(paths.socket, { command: 'revoke', whom: name });
  const kept = new Kept();
  await change(paths, kept, (text) => withoutClient(text, paths.config, name, kept));
  const reloaded = await reloadDaemon(paths);
  // The kernel opens without a daemon: it must not go on to do so for this client.
  if (!reloaded) await takeTags();
  // Somebody may have knocked once more in between.
  if (revoked) await tellDaemon(paths.socket, { command: 'revoke', whom: name });
  const nobodyLeft = !listClients(paths).some(({ enabled }) => enabled) && listOthers(paths).length === 0;
  return { name, reloaded, nobody_left: nobodyLeft };
}

/** Takes all tags from the kernel, where a gate is armed. A daemon gives it the right ones when it starts. */
async function takeTags(): Promise<void> {
  if (await exists('tags', 'map')) await runNft(['-f', '-'], renderNoTags());
}

async function change(paths: Paths, kept: Kept, edit: (text: string) => string): Promise<void> {
  await changeFile(paths.config, (text) => {
    const changed = edit(text);
    loadText(nodeCrypto, paths, changed, kept, new Skipped(faultsOf(paths, text, kept)).add);
    return changed;
  });
}

/** Faults that were there before the change: they must not keep anybody from removing a stolen key. */
function faultsOf(paths: Paths, text: string, kept: Kept): Skipped {
  const found = new Skipped();
  try {
    loadText(nodeCrypto, paths, text, kept, found.add);
  } catch {
    // Other faults are in the changed text too, or the change mends them.
  }
  return found;
}

export interface ShownClient {
  readonly name: string;
  readonly key: string;
  readonly ports: readonly string[];
  readonly enabled: boolean;
  /** `fleet`: it comes from signed documents. */
  readonly origin?: string;
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

/** Other ways in besides the clients of our own message; ports that are hidden from nobody do not count. */
export interface ShownOther {
  readonly kind: 'fwknop' | 'sequence' | 'trusted';
  readonly name: string;
  readonly ports: readonly string[];
}

/** Lists them in the order of gate.toml(5), without those that are switched off. */
export function listOthers(paths: Paths): ShownOther[] {
  const { gate, fwknop, sequences } = parseGateConfig(readConfigText(paths.config), paths.config);
  const hidden = gate.ports.map(formatPortRange);
  return [
    ...fwknop
      .filter(({ enabled }) => enabled)
      .map(({ name, ports }) => ({ kind: 'fwknop', name, ports: ports.map(formatPortRange) }) as const),
    ...sequences.map(({ name, ports }) => ({ kind: 'sequence', name, ports: ports.map(formatPort) }) as const),
    ...[...gate.trustedNetworks.map(formatNetwork), ...gate.trustedInterfaces].map(
      (name) => ({ kind: 'trusted', name, ports: hidden }) as const,
    ),
  ];
}

/** Reloads the daemon, if this user may ask it; otherwise an administrator has to. */
async function reloadDaemon(paths: Paths): Promise<boolean> {
  try {
    return await tellDaemon(paths.socket, { command: 'reload' });
  } catch (error) {
    throw notInForce(paths.config, error);
  }
}
