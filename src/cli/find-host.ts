import { parseAddress } from '../base/addresses.ts';
import { type Host, hostOfGate } from '../client/gate/host.ts';
import { refuseKnownKey } from '../client/gate/known-gates.ts';
import { hostMeant } from '../client/hosts/host-called.ts';
import { readHostsFile } from '../client/hosts/hosts-file.ts';
import { type AnyHost, gatesOf } from '../client/hosts/kinds.ts';
import { hostUnknown } from '../client/problems.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { parseGateLine, parseName } from '../spa/enrolment.ts';
import { parsePlainDestination } from '../ssh/destination.ts';
import { hostsPath } from './paths.ts';
import type { Shell } from './shell.ts';
import { shellOfInvoker } from './sudo.ts';

export interface FoundHost {
  readonly host: AnyHost;
  readonly as: Shell;
}

/**
 * Finds the host that somebody has named: the one of `--gate`, or that of the hosts file. Root alone sends over some carriers of
 * fwknop's packets: a host behind fwknopd that is not in root's own hosts file is looked for in that of the user who ran sudo.
 * @throws Problem `host-unknown`, `gate-key-known`, `bad-text`, `hosts-file-invalid`
 */
export function findHost(name: string, args: Arguments, shell: Shell): FoundHost {
  const line = args.value('gate');
  const path = hostsPath(shell);
  const hosts = readHostsFile(path);
  if (line !== undefined) {
    const host = hostOfLine(name, line);
    // Knocks go where the line says, or to the name: with the key of a known gate, only to that gate.
    refuseKnownKey(host, gatesOf(hosts.values()));
    return { host, as: shell };
  }
  const own = hostMeant(name, hosts);
  if (own !== undefined) return { host: own, as: shell };
  const invoker = shellOfInvoker(shell);
  const theirs = invoker && hostMeant(name, readHostsFile(hostsPath(invoker)));
  if (invoker === undefined || theirs?.kind !== 'fwknop') throw hostUnknown(name, [...hosts.keys()], path);
  return { host: theirs, as: invoker };
}

/** Host of `--gate`, for which no field of the hosts file counts. An address as its name says where to knock. */
function hostOfLine(destination: string, line: string): Host {
  const name = parsePlainDestination(destination)?.host ?? destination;
  const address = parseAddress(name) === undefined ? undefined : name;
  // The error prints the text: ssh passes on any name, and a link may have chosen it.
  if (address === undefined) parseName(name, 'HOST');
  return hostOfGate(name, parseGateLine(line), address);
}
