import { isDeepStrictEqual } from 'node:util';
import { formatAddress, formatNetwork, parseAddress, parseNetwork } from '../../../src/base/addresses.ts';
import { formatPort, formatPortRange, parsePort, parsePortRange } from '../../../src/base/ports.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { formatClientLine, formatGateLine, parseClientLine, parseGateLine } from '../../../src/spa/enrolment.ts';
import { formatGateLink, parseGateLink } from '../../../src/spa/enrolment-link.ts';
import { openMessage, sealWith } from '../../../src/spa/message.ts';
import { pairKeys } from '../../../src/spa/outer.ts';
import { type AccessRequest, decodePayload, encodePayload } from '../../../src/spa/payload.ts';
import { type FuzzTarget, ifRead, must, textTarget } from '../target.ts';

const [CLIENT, GATE] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(8)];
const CLIENT_PAIR = pairKeys(nodeCrypto, 'client', CLIENT, nodeCrypto.publicKey(GATE), undefined);
const GATE_PAIR = pairKeys(nodeCrypto, 'gate', GATE, nodeCrypto.publicKey(CLIENT), undefined);

const GATE_ADDRESS = new Uint8Array(16).fill(5);

const REQUESTS: readonly AccessRequest[] = [
  {
    timestamp: 1_800_000_000_000,
    source: undefined,
    destination: GATE_ADDRESS,
    duration: 0,
    ports: [],
    action: '',
    earlier: [],
  },
  {
    timestamp: 1_800_000_000_000,
    source: parseAddress('2001:db8::7'),
    destination: GATE_ADDRESS,
    duration: 300,
    ports: [
      { protocol: 'tcp', port: 22 },
      { protocol: 'udp', port: 51_820 },
    ],
    action: 'restart-web',
    earlier: [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)],
  },
];
const DATAGRAMS = REQUESTS.map((request, slot) => {
  const kind = request.source === undefined ? 'ordinary' : 'bound';
  const drawn = { random: new Uint8Array(32).fill(9), length: 180 };
  return sealWith(nodeCrypto, CLIENT_PAIR, { kind, epoch: 60_000_000, slot }, request, drawn);
});

const KEY = `${'A'.repeat(42)}E`;
const GATE_LINE = `knockgate1 gate ${KEY} 32 203.0.113.7,gate.example,2001:db8::1 443,62201 prod`;

/** Our own message, and the small texts that it is set up with. */
export const SPA_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'message',
    seeds: DATAGRAMS,
    longest: 2000,
    read: (input) => {
      const opened = openMessage(nodeCrypto, GATE_PAIR, GATE, input);
      // Whatever was changed, it is not authentic any more.
      const isOurs = DATAGRAMS.some((datagram) => Buffer.from(datagram).equals(input));
      must(opened.ok === isOurs, 'opens what nobody has sealed');
      return opened.ok ? opened.request : opened.reason;
    },
  },
  {
    name: 'payload',
    seeds: REQUESTS.map((request) => encodePayload(request, 104)),
    longest: 2000,
    read: (input) => {
      const request = decodePayload(input);
      if (request === undefined) return undefined;
      must(Buffer.from(encodePayload(request, input.length)).equals(input), 'two payloads say the same');
      return request;
    },
  },
  textTarget('enrolment', [GATE_LINE, `knockgate1 client ${KEY} alice-laptop`], (line) => {
    const gate = ifRead(() => parseGateLine(line));
    if (gate !== undefined)
      must(isDeepStrictEqual(parseGateLine(formatGateLine(gate)), gate), 'a gate changes on the way');
    const client = ifRead(() => parseClientLine(line));
    if (client !== undefined)
      must(isDeepStrictEqual(parseClientLine(formatClientLine(client)), client), 'a client changes on the way');
    return gate ?? client ?? parseGateLine(line);
  }),
  textTarget('enrolment-link', [formatGateLink(parseGateLine(GATE_LINE)).split('?')[1] ?? ''], (query) => {
    const gate = parseGateLink({ path: '/add', query, fragment: '' });
    const written = formatGateLink(gate).split('?')[1] ?? '';
    must(
      isDeepStrictEqual(parseGateLink({ path: '/add', query: written, fragment: '' }), gate),
      'a gate changes on the way',
    );
    return gate;
  }),
  textTarget('addresses', ['198.51.100.7', '2001:db8::7', '::ffff:1.2.3.4', '10.0.0.0/8', 'fd00::/8', '::'], (text) => {
    const address = parseAddress(text);
    if (address !== undefined)
      must(isDeepStrictEqual(parseAddress(formatAddress(address)), address), 'an address changes on the way');
    const network = parseNetwork(text);
    must(isDeepStrictEqual(parseNetwork(formatNetwork(network)), network), 'a network changes on the way');
    return network;
  }),
  textTarget('ports', ['tcp/22', 'udp/60000-61000', 'tcp/65535', 'TCP/1'], (text) => {
    const range = parsePortRange(text);
    must(range.first >= 1 && range.last <= 65_535 && range.first <= range.last, 'a port that is none');
    must(isDeepStrictEqual(parsePortRange(formatPortRange(range)), range), 'a range changes on the way');
    const port = ifRead(() => parsePort(text));
    if (port !== undefined) must(isDeepStrictEqual(parsePort(formatPort(port)), port), 'a port changes on the way');
    return range;
  }),
];
