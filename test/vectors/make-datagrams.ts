import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Address, parseAddress } from '../../src/base/addresses.ts';
import { concat, utf8 } from '../../src/base/bytes.ts';
import { formatPort, parsePort } from '../../src/base/ports.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { sealWith } from '../../src/spa/message.ts';
import { NO_PSK, pairKeys } from '../../src/spa/outer.ts';
import { encodePayload } from '../../src/spa/payload.ts';
import { epochAt, placeKeyOf, type TagKind, tagsOf } from '../../src/spa/tags.ts';

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
  readonly kind: TagKind;
  readonly slot: number;
  readonly source?: string;
  readonly destination: string;
  readonly duration: number;
  readonly ports: readonly string[];
  readonly action: string;
  /** How many earlier tags it names: those of the slots from 0 on of the same epoch, ordinary ones. */
  readonly earlier: number;
  /** Bytes of the datagram. */
  readonly length: number;
}

/** What most scenarios have. */
const PLAIN = { kind: 'ordinary', psk: false, duration: 0, ports: [], action: '', earlier: 0 } as const;
const [GATE4, GATE6] = ['192.0.2.2', '2001:db8:2::2'];

const SCENARIOS: readonly Scenario[] = [
  { ...PLAIN, name: 'shortest', unixMs: 1_760_000_000_000, slot: 0, destination: GATE4, length: 111 },
  {
    ...PLAIN,
    name: 'ssh over IPv4, bound to the address, with psk',
    psk: true,
    unixMs: 1_760_000_012_345,
    kind: 'bound',
    slot: 5,
    source: '203.0.113.7',
    destination: GATE4,
    duration: 30,
    ports: ['tcp/22'],
    length: 128,
  },
  {
    ...PLAIN,
    name: 'the next wave of the same attempt: an ordinary tag, one earlier tag',
    psk: true,
    unixMs: 1_760_000_012_845,
    slot: 7,
    source: '203.0.113.7',
    destination: GATE4,
    duration: 30,
    ports: ['tcp/22'],
    earlier: 1,
    length: 200,
  },
  {
    ...PLAIN,
    name: 'two ports over IPv6, bound to the address, no padding',
    unixMs: 1_760_000_029_999,
    kind: 'bound',
    slot: 7,
    source: '2001:db8:0:7:a:b:c:d',
    destination: GATE6,
    duration: 300,
    ports: ['tcp/22', 'udp/51820'],
    length: 117,
  },
  {
    ...PLAIN,
    name: 'the same place: another address of the /64 has the same tag',
    unixMs: 1_760_000_029_999,
    kind: 'bound',
    slot: 7,
    source: '2001:db8:0:7:ffff:ffff:ffff:ffff',
    destination: GATE6,
    duration: 300,
    ports: ['tcp/22', 'udp/51820'],
    length: 117,
  },
  {
    ...PLAIN,
    name: 'action, with psk, source not claimed',
    psk: true,
    unixMs: 1_760_000_030_000,
    slot: 63,
    destination: GATE6,
    duration: 65535,
    action: 'wake-büro',
    length: 512,
  },
  {
    ...PLAIN,
    name: 'longest datagram, as many earlier tags as there can be',
    psk: true,
    unixMs: 4_102_444_800_000,
    slot: 40,
    source: '198.51.100.255',
    destination: GATE4,
    duration: 1,
    ports: ['udp/1', 'tcp/65535', 'tcp/8000'],
    action: 'a',
    earlier: 32,
    length: 1232,
  },
  {
    ...PLAIN,
    name: 'as many ports and as long an action as there can be, no padding',
    unixMs: 0,
    slot: 0,
    source: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
    destination: GATE6,
    ports: Array.from({ length: 255 }, (_, i) => `tcp/${65535 - i}`),
    action: 'x'.repeat(255),
    length: 16 + 32 + 45 + 255 * 3 + 1 + 255 + 1 + 16,
  },
];

const FIELDS = {
  name: 'what the vector shows',
  clientPrivate: 'X25519 private key of the client; keys are written as in an enrolment line, all else in hex',
  clientPublic: 'its public key',
  gatePrivate: 'X25519 private key of the gate',
  gatePublic: 'its public key',
  psk: '32 zero bytes where none is used',
  staticShared: 'ss: X25519 of the static keys',
  tagKey: 'first third of the outer HKDF',
  maskKey: 'second third of it',
  hedgeKey: 'last third of it',
  kind: 'kind of the tag: ordinary or bound',
  epoch: 'floor(unix seconds / 30)',
  slot: 'which single-use tag of that kind and epoch',
  placeKey: 'key of the tag where it is bound to the claimed address, else null',
  random: 'what the sender drew at random',
  ephemeralPrivate: 'HMAC of random, tag and payload under hedgeKey',
  ephemeralPublic: 'e of the Noise message',
  request: 'what the payload says; source null where none is claimed, earlier tags in hex; unixMs is its timestamp',
  payload: 'plaintext of the Noise message, padding included',
  tag: 'bytes 0 to 15 of the datagram',
  datagram: 'the whole UDP payload',
} as const;

/** The content of `datagram.json`. */
export function makeDatagrams() {
  return {
    about: 'golden vectors of the knockgate SPA datagram, version 2',
    fields: FIELDS,
    vectors: SCENARIOS.map(make),
  };
}

function make(scenario: Scenario) {
  const clientPrivate = labelled(`${scenario.name}: client`);
  const gatePrivate = labelled(`${scenario.name}: gate`);
  const random = labelled(`${scenario.name}: random`);
  const psk = scenario.psk ? labelled(`${scenario.name}: psk`) : NO_PSK;
  const pair = pairKeys(nodeCrypto, 'client', clientPrivate, nodeCrypto.publicKey(gatePrivate), psk);
  const { kind, slot } = scenario;
  const epoch = epochAt(scenario.unixMs);
  const source = scenario.source === undefined ? undefined : addressOf(scenario.source);
  const placeKey = kind === 'bound' && source !== undefined ? placeKeyOf(nodeCrypto, pair.tagKey, source) : undefined;
  const request = {
    timestamp: scenario.unixMs,
    source,
    destination: addressOf(scenario.destination),
    duration: scenario.duration,
    ports: scenario.ports.map((port) => parsePort(port)),
    action: scenario.action,
    earlier: tagsOf(nodeCrypto, pair.tagKey, 'ordinary', epoch, scenario.earlier),
  };
  const datagram = sealWith(nodeCrypto, pair, { kind, epoch, slot }, request, { random, length: scenario.length });
  const tag = datagram.subarray(0, 16);
  const payload = encodePayload(request, scenario.length - 64);
  const ephemeralPrivate = nodeCrypto.hmacSha256(pair.hedgeKey, concat(random, tag, payload));
  return {
    name: scenario.name,
    clientPrivate: formatKey(clientPrivate),
    clientPublic: formatKey(pair.clientPublic),
    gatePrivate: formatKey(gatePrivate),
    gatePublic: formatKey(pair.gatePublic),
    psk: formatKey(psk),
    staticShared: hex(pair.staticShared),
    tagKey: hex(pair.tagKey),
    maskKey: hex(pair.maskKey),
    hedgeKey: hex(pair.hedgeKey),
    kind,
    epoch,
    slot,
    placeKey: placeKey === undefined ? null : hex(placeKey),
    random: hex(random),
    ephemeralPrivate: hex(ephemeralPrivate),
    ephemeralPublic: hex(nodeCrypto.publicKey(ephemeralPrivate)),
    request: {
      unixMs: request.timestamp,
      source: scenario.source ?? null,
      destination: scenario.destination,
      duration: request.duration,
      ports: request.ports.map(formatPort),
      action: request.action,
      earlier: request.earlier.map(hex),
    },
    payload: hex(payload),
    tag: hex(tag),
    datagram: hex(datagram),
  };
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is not an address`);
  return address;
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
