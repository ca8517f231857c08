import { formatAddress } from '../../base/addresses.ts';
import { phrase } from '../../base/phrase.ts';
import { formatPort } from '../../base/ports.ts';
import {
  ALDABA_MODES,
  type AldabaKeys,
  type AldabaMode,
  aldabaKeys,
  aldabaPassphrase,
  inPairs,
  sealAldaba,
} from '../../peers/aldaba.ts';
import { text } from '../hosts/host-fields.ts';
import type { ServerHost, ServerKind } from '../hosts/server-kind.ts';
import { hostsInvalid } from '../problems.ts';
import { openByDatagram, secretText } from './datagram.ts';
import { type PeerFields, readKnockPort, readPeerFields } from './fields.ts';
import { peerSecretMalformed } from './problems.ts';

/** A host behind aldabad. */
export interface AldabaHost extends ServerHost, PeerFields {
  readonly kind: 'aldaba';
  /** Mode of AES, the one cipher of Aldaba that can be had. */
  readonly mode: AldabaMode;
  /** Undefined: the port that the passphrase gives. */
  readonly knockPort: number | undefined;
}

/** The passphrase that Aldaba takes. */
export const ALDABA_SECRET = phrase('a passphrase of at least 8 bytes');

const CIPHERS = ALDABA_MODES.map((mode) => `aes-${mode}`);
/** Ciphers of Aldaba that no library of ours has. */
const MISSING = /^(?:blowfish|bfish|bf|twofish|tfish|tf|serpent|serp|sp)(?:-|$)/i;

/** A server with Aldaba, and its technique SPA. */
export const aldabaKind: ServerKind<AldabaHost> = {
  kind: 'aldaba',
  parse: (name, value, place, from) => {
    const { fields, ...peer } = readPeerFields(name, value, place, from, ['knockPort', 'cipher', 'technique']);
    if (fields.technique !== undefined) refuseTechnique(fields.technique, `${place}.technique`);
    const knockPort = fields.knockPort === undefined ? undefined : readKnockPort(fields, 0, place);
    return { kind: 'aldaba', ...peer, mode: readCipher(fields.cipher ?? 'aes-cbc', `${place}.cipher`), knockPort };
  },
  addressesOf: ({ address }) => [address],
  foundAt: ({ address }) => [address],
  sharesKeys: () => true,
  how: ({ knockPort }) =>
    knockPort === undefined
      ? phrase('{0}, the UDP port of its passphrase', 'Aldaba')
      : phrase('{0}, UDP {1}', 'Aldaba', knockPort),
  describe: ({ address, knockPort, ports }) =>
    `Aldaba at ${address} (UDP ${knockPort ?? 'port of the passphrase'}) for ${ports.map(formatPort).join(', ')}`,
  fieldsOf: ({ address, knockPort, ports, source, keyFile, mode }) => {
    const named = source === 'own' ? source : formatAddress(source);
    return {
      kind: 'aldaba',
      address,
      knockPort,
      ports: ports.map(formatPort),
      source: named,
      keyFile,
      cipher: `aes-${mode}`,
    };
  },
  prepare: async (host, keys, io) => {
    const shared = await keys.sharedKeys(host, host.keyFile);
    const passphrase = aldabaPassphrase(secretText(shared) ?? '');
    if (passphrase === undefined) throw peerSecretMalformed(host.name, shared.file, ALDABA_SECRET);
    const derived: AldabaKeys = aldabaKeys(io.crypto, passphrase);
    return openByDatagram(
      {
        host,
        program: 'Aldaba',
        knockPort: host.knockPort ?? derived.port,
        make: (source, wallMs, _, ports) => {
          const seconds = Math.floor(wallMs / 1000);
          return inPairs(ports).map((pair) =>
            sealAldaba(io.crypto, derived, host.mode, { source, ports: pair, seconds }, io.crypto.randomBytes(32)),
          );
        },
        causes: (source) => [
          phrase('  1. The passphrase, and `cipher`: are they those of aldabad.conf on the server?'),
          phrase('  2. The clock: Aldaba accepts a difference of 9 seconds at most.'),
          phrase('  3. The source: the packet names {0}. Does the server see this computer by that address?', source),
          phrase(
            '  4. The port: aldabad listens to the port of its passphrase. If somebody typed the passphrase when it started, that is the port of an empty one, UDP 58947: set `knockPort`.',
          ),
        ],
      },
      io,
    );
  },
  diagnosis: ({ knockPort }) => ({
    // The passphrase, which gives the port, is not at hand: the way to the server is the same for all of them.
    knockPort: knockPort ?? 1,
    keys: phrase('There is a key. Whether it is that of the server shows when it opens.'),
    clock: phrase('Aldaba accepts packets that are up to 9 seconds off.'),
    opened: phrase('The server took the time of our knock.'),
  }),
};

function readCipher(value: unknown, place: string): AldabaMode {
  const cipher = text(value, place, phrase('a text in quotation marks'));
  const mode = ALDABA_MODES.find((each) => `aes-${each}` === cipher);
  if (mode !== undefined) return mode;
  if (MISSING.test(cipher))
    throw hostsInvalid(
      place,
      phrase('No library of this program has {0}.', cipher),
      phrase('Set `cipher = AES` in aldabad.conf on the server, and leave this field out.'),
    );
  throw hostsInvalid(place, phrase('This value is unknown.'), phrase('Expected {0}.', CIPHERS.join(', ')));
}

function refuseTechnique(value: unknown, place: string): void {
  if (value === 'SPA') return;
  const isKnown = value === 'PK' || value === 'portknocking';
  throw hostsInvalid(
    place,
    isKnown
      ? phrase('Port knocking needs Blowfish, which no library of this program has, and raw sockets.')
      : phrase('This value is unknown.'),
    phrase('Set `technique = SPA` in aldabad.conf on the server, and leave this field out.'),
  );
}
