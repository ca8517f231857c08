import { parseAddress } from '../base/addresses.ts';
import type { RequestedPort } from '../base/ports.ts';
import { type Host, hostOfGate } from '../client/gate/host.ts';
import { type KnockResult, knockAndWait } from '../client/gate/knock-and-wait.ts';
import { refuseKnownKey } from '../client/gate/known-gates.ts';
import { Ledger } from '../client/gate/ledger.ts';
import { findTarget } from '../client/gate/target.ts';
import { hostMeant } from '../client/hosts/host-called.ts';
import { allHosts, type FileHost, readHostsFile } from '../client/hosts/hosts-file.ts';
import { readSecretFile } from '../client/keys/identity.ts';
import { gateKeyUnusable, hostUnknown } from '../client/problems.ts';
import { parseGateLine, parseName } from '../spa/enrolment.ts';
import { isLowOrder } from '../spa/keys.ts';
import { type PairKeys, pairKeys } from '../spa/outer.ts';
import { parsePlainDestination } from '../ssh/destination.ts';
import { type Arguments, usageProblem } from './command.ts';
import { openFwknop } from './open-fwknop.ts';
import { openSequence } from './open-sequence.ts';
import type { Opening } from './opening.ts';
import { hostsPath, keyPath, ledgerPath } from './places.ts';
import { readPsk } from './psk-files.ts';
import type { Shell } from './shell.ts';
import { shellOfInvoker } from './sudo.ts';

/**
 * The whole way of a knock: target, key, knock, wait.
 * @throws Problem, every one of the client's
 */
export async function openHost(name: string, opening: Opening, args: Arguments, shell: Shell): Promise<KnockResult> {
  const { host, as } = findHost(name, args, shell);
  if (host.kind !== 'gate') {
    if (opening.action !== undefined)
      throw usageProblem(`${name} has no gate of ours.`, 'Only such a gate can be asked for an action with --action.');
    if (args.value('psk-file') !== undefined)
      throw usageProblem(`${name} has no gate of ours.`, 'Leave out --psk-file: its keys are in the hosts file.');
    return host.kind === 'fwknop' ? openFwknop(host, opening, as) : openSequence(host, opening, shell);
  }
  const key = keyPath(args, shell);
  const privateKey = readSecretFile(key, shell.owner);
  const ledger = new Ledger(ledgerPath(key), shell.clock, shell.crypto);
  const pskFile = args.value('psk-file');
  const psk = pskFile === undefined ? readPsk(host, shell) : readSecretFile(pskFile, shell.owner);
  return openGate(host, { privateKey, psk, ledger }, opening, shell);
}

/** What a gate of ours is knocked at with. */
export interface KnockKeys {
  readonly privateKey: Uint8Array;
  readonly psk: Uint8Array | undefined;
  readonly ledger: Ledger;
}

/** As `openHost`, with a key at hand. */
export async function openGate(
  host: Host,
  { privateKey, psk, ledger }: KnockKeys,
  opening: Opening,
  shell: Shell,
): Promise<KnockResult> {
  const pair = keysWith(host, privateKey, psk, shell);
  const ports = opening.ports(host);
  const found = await findTarget(host, ports, shell, shell.signal);
  const target = {
    ...found,
    ...(opening.probePort !== undefined && { probePort: opening.probePort }),
    ...actionOf(opening, ports),
  };
  return knockAndWait(target, pair, opening, { ...shell, ledger }, shell.signal);
}

function keysWith(
  { name, gate }: Host,
  privateKey: Uint8Array,
  psk: Uint8Array | undefined,
  { crypto }: Shell,
): PairKeys {
  try {
    return pairKeys(crypto, 'client', privateKey, gate.key, psk);
  } catch (error) {
    throw isLowOrder(crypto, gate.key) ? gateKeyUnusable(name) : error;
  }
}

/** An action without ports opens nothing that could be waited for. */
function actionOf({ action }: Opening, ports: readonly RequestedPort[]) {
  if (action === undefined) return {};
  return ports.length === 0 ? { action, probePort: undefined } : { action };
}

/**
 * A host of any kind, and the shell that has its files. Root alone sends over some carriers of fwknop's packets: a host behind fwknopd
 * that is not in root's own hosts file is looked for in that of the user who ran sudo.
 */
function findHost(name: string, args: Arguments, shell: Shell): { host: FileHost; as: Shell } {
  const line = args.value('gate');
  const path = hostsPath(shell);
  const file = readHostsFile(path);
  if (line !== undefined) {
    const host = hostOfLine(name, line);
    // Knocks go where the line says, or to the name: with the key of a known gate, only to that gate.
    refuseKnownKey(host, file.gates.values());
    return { host, as: shell };
  }
  const hosts = allHosts(file);
  const own = hostMeant(name, hosts);
  if (own !== undefined) return { host: own, as: shell };
  const invoker = shellOfInvoker(shell);
  const theirs = invoker && hostMeant(name, readHostsFile(hostsPath(invoker)).fwknop);
  if (invoker === undefined || theirs === undefined) throw hostUnknown(name, [...hosts.keys()], path);
  return { host: theirs, as: invoker };
}

/** With `--gate` no field is taken from the hosts file; an address as the name of the host says where to knock. */
function hostOfLine(destination: string, line: string): Host {
  const name = parsePlainDestination(destination)?.host ?? destination;
  const address = parseAddress(name) === undefined ? undefined : name;
  // It is printed: ssh hands over whatever it was told, and a link may have told it that.
  if (address === undefined) parseName(name, 'HOST');
  return hostOfGate(name, parseGateLine(line), address);
}
