import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAddress } from '../../src/base/addresses.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { formatPort, parsePort } from '../../src/base/ports.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { sealWith } from '../../src/spa/message.ts';
import { epochAt, NO_PSK, pairKeys } from '../../src/spa/outer.ts';
import { encodePayload } from '../../src/spa/payload.ts';

/**
 * Makes the golden vectors of the whole datagram, the same ones every time:
 *
 *     npx tsx test/vectors/make-datagrams.ts && npm run format
 *
 * Only a new version of the protocol changes the file: a client in the field has what is written there.
 */

interface Scenario {
  readonly name: string;
  readonly psk: boolean;
  readonly unixMs: number;
  readonly slot: number;
  readonly source?: string;
  readonly duration: number;
  readonly ports: readonly string[];
  readonly action: string;
  /** Bytes of the datagram. */
  readonly length: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'shortest', psk: false, unixMs: 1_760_000_000_000, slot: 0, duration: 0, ports: [], action: '', length: 86 },
  {
    name: 'ssh over IPv4, with psk',
    psk: true,
    unixMs: 1_760_000_012_345,
    slot: 7,
    source: '203.0.113.7',
    duration: 30,
    ports: ['tcp/22'],
    action: '',
    length: 128,
  },
  {
    name: 'two ports over IPv6, no padding',
    psk: false,
    unixMs: 1_760_000_029_999,
    slot: 31,
    source: '2001:db8::51',
    duration: 300,
    ports: ['tcp/22', 'udp/51820'],
    action: '',
    length: 92,
  },
  {
    name: 'action, with psk, source not claimed',
    psk: true,
    unixMs: 1_760_000_030_000,
    slot: 63,
    duration: 65535,
    ports: [],
    action: 'wake-büro',
    length: 512,
  },
  {
    name: 'longest datagram',
    psk: true,
    unixMs: 4_102_444_800_000,
    slot: 8,
    source: '198.51.100.255',
    duration: 1,
    ports: ['udp/1', 'tcp/65535', 'tcp/8000'],
    action: 'a',
    length: 1232,
  },
  {
    name: 'as many ports and as long an action as there can be, no padding',
    psk: false,
    unixMs: 0,
    slot: 0,
    source: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
    duration: 0,
    ports: Array.from({ length: 255 }, (_, i) => `tcp/${65535 - i}`),
    action: 'x'.repeat(255),
    length: 8 + 32 + 29 + 255 * 3 + 1 + 255 + 16,
  },
];

const FIELDS = {
  name: 'what the vector shows',
  clientPrivate: 'X25519 private key of the client; keys are written as in an enrolment line, all else in hex',
  clientPublic: 'its public key',
  gatePrivate: 'X25519 private key of the gate',
  gatePublic: 'its public key',
  psk: '32 zero bytes where none is used',
  ephemeralPrivate: 'what the sender drew at random',
  ephemeralPublic: 'e of the Noise message',
  staticShared: 'ss: X25519 of the static keys',
  tagKey: 'first half of the outer HKDF',
  maskKey: 'second half of it',
  epoch: 'floor(unix seconds / 30)',
  slot: 'which single-use tag of the epoch',
  request: 'what the payload says; source null where none is claimed; unixMs is its timestamp',
  payload: 'plaintext of the Noise message, padding included',
  tag: 'bytes 0 to 7 of the datagram',
  datagram: 'the whole UDP payload',
} as const;

/** The content of `datagram.json`. */
export function makeDatagrams() {
  return {
    about: 'golden vectors of the knockgate SPA datagram, version 1',
    fields: FIELDS,
    vectors: SCENARIOS.map(make),
  };
}

function make(scenario: Scenario) {
  const clientPrivate = labelled(`${scenario.name}: client`);
  const gatePrivate = labelled(`${scenario.name}: gate`);
  const ephemeralPrivate = labelled(`${scenario.name}: ephemeral`);
  const psk = scenario.psk ? labelled(`${scenario.name}: psk`) : NO_PSK;
  const pair = pairKeys(nodeCrypto, 'client', clientPrivate, nodeCrypto.publicKey(gatePrivate), psk);
  const epoch = epochAt(scenario.unixMs);
  const request = {
    timestamp: scenario.unixMs,
    source: scenario.source === undefined ? undefined : parseAddress(scenario.source),
    duration: scenario.duration,
    ports: scenario.ports.map((port) => parsePort(port)),
    action: scenario.action,
  };
  const place = { epoch, slot: scenario.slot };
  const datagram = sealWith(nodeCrypto, pair, place, request, { ephemeralPrivate, length: scenario.length });
  return {
    name: scenario.name,
    clientPrivate: formatKey(clientPrivate),
    clientPublic: formatKey(pair.clientPublic),
    gatePrivate: formatKey(gatePrivate),
    gatePublic: formatKey(pair.gatePublic),
    psk: formatKey(psk),
    ephemeralPrivate: hex(ephemeralPrivate),
    ephemeralPublic: hex(nodeCrypto.publicKey(ephemeralPrivate)),
    staticShared: hex(pair.staticShared),
    tagKey: hex(pair.tagKey),
    maskKey: hex(pair.maskKey),
    epoch,
    slot: scenario.slot,
    request: {
      unixMs: request.timestamp,
      source: scenario.source ?? null,
      duration: request.duration,
      ports: request.ports.map(formatPort),
      action: request.action,
    },
    payload: hex(encodePayload(request, scenario.length - 56)),
    tag: hex(datagram.subarray(0, 8)),
    datagram: hex(datagram),
  };
}

/** A key that anybody can make again: for tests only. */
function labelled(label: string): Uint8Array {
  return nodeCrypto.sha256(utf8(`knockgate test vector, ${label}`));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('datagram.json', import.meta.url), `${JSON.stringify(makeDatagrams(), undefined, 2)}\n`);
}
