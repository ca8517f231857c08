import { formatAddress } from '../../base/addresses.ts';
import { phrase } from '../../base/phrase.ts';
import { formatPort } from '../../base/ports.ts';
import { PYKNOCK_PORT, pyknockKey, sealPyknock } from '../../peers/pyknock.ts';
import type { ServerHost, ServerKind } from '../hosts/server-kind.ts';
import { openByDatagram, secretText } from './datagram.ts';
import { type PeerFields, readKnockPort, readPeerFields } from './fields.ts';
import { peerSecretMalformed } from './problems.ts';

/** A host behind pyknock-server. */
export interface PyknockHost extends ServerHost, PeerFields {
  readonly kind: 'pyknock';
  /** UDP port of the server. */
  readonly knockPort: number;
}

/** The secret that pyknock takes. */
export const PYKNOCK_SECRET = phrase('characters up to U+00FF, at least one');

/** A server with pyknock. */
export const pyknockKind: ServerKind<PyknockHost> = {
  kind: 'pyknock',
  parse: (name, value, place, from) => {
    const { fields, ...peer } = readPeerFields(name, value, place, from, ['knockPort']);
    return { kind: 'pyknock', ...peer, knockPort: readKnockPort(fields, PYKNOCK_PORT, place) };
  },
  addressesOf: ({ address }) => [address],
  foundAt: ({ address }) => [address],
  sharesKeys: () => true,
  how: ({ knockPort }) => phrase('{0}, UDP {1}', 'pyknock', knockPort),
  describe: ({ address, knockPort, ports }) =>
    `pyknock at ${address} (UDP ${knockPort}) for ${ports.map(formatPort).join(', ')}`,
  fieldsOf: ({ address, knockPort, ports, source, keyFile }) => {
    const named = source === 'own' ? source : formatAddress(source);
    return { kind: 'pyknock', address, knockPort, ports: ports.map(formatPort), source: named, keyFile };
  },
  prepare: async (host, keys, io) => {
    const shared = await keys.sharedKeys(host, host.keyFile);
    const key = pyknockKey(secretText(shared) ?? '');
    if (key === undefined) throw peerSecretMalformed(host.name, shared.file, PYKNOCK_SECRET);
    return openByDatagram(
      {
        host,
        program: 'pyknock',
        knockPort: host.knockPort,
        make: (source, wallMs) => [sealPyknock(io.crypto, key, wallMs / 1000, source)],
        causes: (source) => [
          phrase('  1. The key: is it the PSK of pyknock-server, letter by letter?'),
          phrase('  2. The clock: pyknock accepts a difference of a minute at most, unless it runs with `-t`.'),
          phrase('  3. The source: the packet names {0}. Does the server see this computer by that address?', source),
          phrase('  4. The server: does pyknock-server still run? A short packet from anybody stops it.'),
        ],
      },
      io,
    );
  },
  diagnosis: ({ knockPort }) => ({
    knockPort,
    keys: phrase('There is a key. Whether it is that of the server shows when it opens.'),
    clock: phrase('pyknock accepts packets that are up to a minute off, unless it runs with `-t`.'),
    opened: phrase('The server took the time of our knock.'),
  }),
};
