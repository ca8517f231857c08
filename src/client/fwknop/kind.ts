import { phrase } from '../../base/phrase.ts';
import { formatPort } from '../../base/ports.ts';
import { type FwknopSecrets, parseKeyFile } from '../../fwknop/key-file.ts';
import { provingPort } from '../hosts/proving-port.ts';
import { type KeySource, type OpenIo, type ServerKind, USUAL_OPEN_MS } from '../hosts/server-kind.ts';
import type { GpgSecrets } from './gpg-secrets.ts';
import { type FwknopHost, GPG_MODE, isRaw, parseFwknopHost } from './host.ts';
import { fwknopKeysMalformed } from './problems.ts';

/** A server with fwknopd. */
export const fwknopKind: ServerKind<FwknopHost> = {
  kind: 'fwknop',
  parse: parseFwknopHost,
  addressesOf: ({ address }) => [address],
  foundAt: ({ address }) => [address],
  sharesKeys: () => true,
  how: ({ carrier, knockPort }) => phrase('fwknop, {0} {1}', carrier.toUpperCase(), knockPort),
  describe: ({ address, carrier, knockPort, ports, forward, command, duration }) => {
    const seconds = duration === 0 ? '' : ` (${duration} s)`;
    const leads = forward === undefined ? '' : ` to ${forward.host ?? 'itself'}:${forward.port}`;
    const what =
      command === undefined ? `for ${ports.map(formatPort).join(', ')}${leads}${seconds}` : 'to run a command';
    return `fwknop at ${address} (${carrier.toUpperCase()} ${knockPort}) ${what}`;
  },
  fieldsOf: ({ address, carrier, knockPort, ports, forward, command, duration }) => {
    return { kind: 'fwknop', address, carrier, knockPort, ports: ports.map(formatPort), forward, command, duration };
  },
  prepare: async (host, keys, io) => {
    const [{ openFwknopHost, ...fwknop }, secrets] = await Promise.all([io.loadFwknop(), secretsOf(host, keys)]);
    return async ({ sshPort, timeoutMs, ports = host.ports }, signal) => {
      const startedMs = io.clock.wallMs();
      const how = { user: io.userName(), probePort: provingPort(ports, sshPort), timeoutMs };
      const { carrier, openRoute } = overRoute(host, io);
      const outside = { ...io, ...fwknop, openRoute };
      const result = await openFwknopHost({ ...host, ports, carrier }, secrets, how, outside, signal);
      return { result, untilMs: startedMs + (host.duration * 1000 || USUAL_OPEN_MS) };
    };
  },
  diagnosis: (host) => ({
    knockPort: host.knockPort,
    keys:
      host.mode === GPG_MODE
        ? phrase('There are OpenPGP keys, and they can be used. Whether the server knows yours shows when it opens.')
        : phrase('There are keys. Whether they are those of the server shows when it opens.'),
    clock: phrase('fwknopd accepts packets that are up to two minutes off, unless it is configured otherwise.'),
    opened: phrase('The server took the time of our knock.'),
    runsCommand: host.command !== undefined,
  }),
};

/** Route for a carrier: a packet that is put together by hand travels over a route like a datagram. */
function overRoute({ carrier }: FwknopHost, { openRoute, rawRoute }: OpenIo) {
  if (!isRaw(carrier)) return { carrier, openRoute };
  if (rawRoute === undefined) throw new RangeError(`${carrier} needs a raw socket`);
  return { carrier: 'udp' as const, openRoute: rawRoute(carrier) };
}

async function secretsOf(host: FwknopHost, keys: KeySource): Promise<FwknopSecrets | GpgSecrets> {
  if (host.mode === GPG_MODE) return await keys.gpgKeys(host);
  const { text, file } = await keys.sharedKeys(host, host.keyFile);
  const secrets = parseKeyFile(text);
  // `hmac` and the HMAC key must both be set or both absent; a mismatch is a mistake.
  if (secrets === undefined || (secrets.hmacKey === undefined) !== (host.hmac === undefined))
    throw fwknopKeysMalformed(host.name, file);
  return secrets;
}
