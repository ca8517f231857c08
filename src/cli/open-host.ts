import { dirname, resolve } from 'node:path';
import type { FwknopFileHost } from '../client/fwknop/host.ts';
import type { Host } from '../client/hosts.ts';
import { readFwknopHosts, readHostsFile, readSequenceHosts } from '../client/hosts-file.ts';
import { readSecretFile } from '../client/identity.ts';
import { type KnockResult, knockAndWait } from '../client/knock-and-wait.ts';
import { Ledger } from '../client/ledger.ts';
import { gateKeyUnusable, hostUnknown } from '../client/problems.ts';
import { findTarget } from '../client/target.ts';
import { parseAddress } from '../spa/addresses.ts';
import { parseGateLine, parseName } from '../spa/enrolment.ts';
import { isLowOrder } from '../spa/keys.ts';
import { pairKeys } from '../spa/outer.ts';
import type { RequestedPort } from '../spa/payload.ts';
import { type Arguments, usageProblem } from './command.ts';
import { openFwknop } from './open-fwknop.ts';
import { openSequence } from './open-sequence.ts';
import { hostsPath, keyPath, ledgerPath } from './places.ts';
import type { Shell } from './shell.ts';
import { shellOfInvoker } from './sudo.ts';

/** How a host is opened. */
export interface Opening {
  /** What to ask for, of a host that is known. */
  readonly ports: (host: Pick<Host, 'ports'>) => readonly RequestedPort[];
  /** Name of an action that the gate is to run; without ports it opens none. */
  readonly action?: string | undefined;
  /** The TCP port to wait for, when it is not the first one asked for. */
  readonly probePort: number | undefined;
  readonly force: boolean;
  readonly timeoutMs: number;
}

/**
 * The whole way of a knock: target, key, knock, wait.
 * @throws Problem, every one of the client's
 */
export async function openHost(name: string, opening: Opening, args: Arguments, shell: Shell): Promise<KnockResult> {
  if (args.value('gate') === undefined) {
    const { fwknop, as } = findFwknop(name, shell);
    const sequence = readSequenceHosts(hostsPath(shell)).get(name);
    if (opening.action !== undefined && (fwknop ?? sequence) !== undefined)
      throw usageProblem(`${name} has no gate of ours.`, 'Only such a gate can be asked for an action with --action.');
    if (fwknop !== undefined) return openFwknop(fwknop, opening, as);
    if (sequence !== undefined) return openSequence(sequence, opening, shell);
  }
  const host = findHost(name, args, shell);
  const key = keyPath(args, shell);
  const privateKey = readSecretFile(key, shell.uid);
  const psk = host.pskFile === undefined ? undefined : readSecretFile(pskPath(host.pskFile, shell), shell.uid);
  if (isLowOrder(shell.crypto, host.gate.key)) throw gateKeyUnusable(name);
  const pair = pairKeys(shell.crypto, 'client', privateKey, host.gate.key, psk);
  const ports = opening.ports(host);
  const found = await findTarget(host, ports, shell, shell.signal);
  const target = {
    ...found,
    ...(opening.probePort !== undefined && { probePort: opening.probePort }),
    ...actionOf(opening, ports),
  };
  const ledger = new Ledger(ledgerPath(key), shell.clock, shell.crypto);
  return knockAndWait(target, pair, opening, { ...shell, ledger }, shell.signal);
}

/**
 * A host behind fwknopd, and the shell that has its files. Root alone sends over some carriers: a host that is in root's own hosts file
 * is root's, and any other one whoever has run sudo has.
 */
function findFwknop(name: string, shell: Shell): { fwknop: FwknopFileHost | undefined; as: Shell } {
  const path = hostsPath(shell);
  const own = readFwknopHosts(path).get(name);
  const invoker = shellOfInvoker(shell);
  const known = () => readHostsFile(path).has(name) || readSequenceHosts(path).has(name);
  if (own !== undefined || invoker === undefined || known()) return { fwknop: own, as: shell };
  return { fwknop: readFwknopHosts(hostsPath(invoker)).get(name), as: invoker };
}

/** An action without ports opens nothing that could be waited for. */
function actionOf({ action }: Opening, ports: readonly RequestedPort[]) {
  if (action === undefined) return {};
  return ports.length === 0 ? { action, probePort: undefined } : { action };
}

/** With `--gate` nothing is read from the hosts file; an address as the name of the host says where to knock. */
function findHost(name: string, args: Arguments, shell: Shell): Host {
  const line = args.value('gate');
  if (line !== undefined) {
    const address = parseAddress(name) === undefined ? undefined : name;
    // It is printed: ssh hands over whatever it was told, and a link may have told it that.
    if (address === undefined) parseName(name, 'HOST');
    const gate = parseGateLine(line);
    const nothing = { kind: 'gate' as const, knockPorts: undefined, pskFile: undefined, identity: undefined };
    return { ...nothing, name, gate, address, ports: [], duration: 0 };
  }
  const path = hostsPath(shell);
  const hosts = readHostsFile(path);
  const host = hosts.get(name);
  if (host === undefined) throw hostUnknown(name, [...hosts.keys()], path);
  return host;
}

function pskPath(path: string, shell: Shell): string {
  return resolve(dirname(hostsPath(shell)), path);
}
