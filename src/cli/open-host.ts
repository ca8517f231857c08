import { parseAddress } from '../base/addresses.ts';
import type { RawCarrier } from '../client/fwknop/host.ts';
import { openFwknopHost } from '../client/fwknop/open.ts';
import { PROTOCOL, rawSegment } from '../client/fwknop/raw-packet.ts';
import { sendTcp } from '../client/fwknop/send-tcp.ts';
import type { KnockResult } from '../client/gate/knock-and-wait.ts';
import { Ledger } from '../client/gate/ledger.ts';
import { kindOf } from '../client/hosts/kinds.ts';
import type { KeySource, OpenIo, OpenRequest } from '../client/hosts/server-kind.ts';
import { pingBySystem } from '../client/network/ping.ts';
import type { OpenUdpRoute } from '../client/network/udp.ts';
import { usageProblem } from '../command-table/problems.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { nodeFwknopCrypto } from '../fwknop/crypto-node.ts';
import type { FoundHost } from './find-host.ts';
import { keysOfFiles } from './key-files.ts';
import { keyPath, ledgerPath } from './paths.ts';
import { sendRaw } from './raw-socket.ts';
import type { Shell } from './shell.ts';
import { sudoInvoker } from './sudo.ts';

/**
 * Opens a host: finds the key, knocks, waits.
 * @throws Problem, every one of the client's
 */
export async function openHost(
  found: FoundHost,
  request: OpenRequest,
  args: Arguments,
  shell: Shell,
): Promise<KnockResult> {
  const { name, kind } = found.host;
  if (kind !== 'gate') {
    if (request.action !== undefined)
      throw usageProblem(`${name} is not a gate.`, 'Only a gate can be asked for an action with --action.');
    if (args.value('psk-file') !== undefined)
      throw usageProblem(`${name} is not a gate.`, 'Leave out --psk-file: its keys are in the hosts file.');
  }
  const key = keyPath(args, shell);
  const ledger = new Ledger(ledgerPath(key), shell.clock, shell.crypto);
  const keys = keysOfFiles(key, args.value('psk-file'), found.as);
  return await openWith(found, keys, ledger, request, shell);
}

/** As `openHost`, with keys from anywhere. */
export async function openWith(
  { host, as }: FoundHost,
  keys: KeySource,
  ledger: Ledger,
  request: OpenRequest,
  shell: Shell,
): Promise<KnockResult> {
  const open = await kindOf(host).prepare(host, keys, openIo(as, ledger, shell), shell.signal);
  return (await open(request, shell.signal)).result;
}

/** Everything through which a knock reaches outside. */
export function openIo(as: Shell, ledger: Ledger, shell: Shell): OpenIo {
  return {
    ...shell,
    ledger,
    ping: pingBySystem(shell),
    loadFwknop: async () => ({ openFwknopHost, sendTcp, crypto: nodeFwknopCrypto }),
    // fwknop's own client also asks who has logged in.
    userName: () => sudoInvoker(as)?.name ?? as.userName(),
    rawRoute: (carrier) => rawRoute(carrier, as),
  };
}

/** The route that the system would take, with a raw socket on it. */
function rawRoute(carrier: RawCarrier, { openRoute, crypto, env }: Shell): OpenUdpRoute {
  return async (address, port) => {
    const { localAddress, close } = await openRoute(address, port);
    const [from, to] = [fourBytes(localAddress), fourBytes(address)];
    const send = async (packet: Uint8Array) => {
      const segment = rawSegment(carrier, { from, to, port }, packet, crypto.randomBytes(6));
      await sendRaw({ from, to, protocol: PROTOCOL[carrier], segment }, env.PATH);
    };
    return { localAddress, send, close };
  };
}

/** Bytes of an IPv4 address; fwknop knows no others. */
function fourBytes(address: string): Uint8Array {
  return (parseAddress(address) ?? new Uint8Array(16)).subarray(12);
}
