import { randomBytes, randomInt } from 'node:crypto';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { parseGateLine } from '../../src/spa/enrolment.ts';
import { formatKey, newPrivateKey } from '../../src/spa/keys.ts';
import { sealMessage } from '../../src/spa/message.ts';
import { pairKeys } from '../../src/spa/outer.ts';
import { epochAt, SLOTS, TAG_LENGTH } from '../../src/spa/tags.ts';
import { Gate } from '../../test/rig/gate.ts';
import { loadNft } from '../../test/rig/nft.ts';
import { requestTo } from '../../test/rig/request.ts';
import type { Ground } from '../ground.ts';
import { liveGrants } from '../live-grants.ts';
import type { Junk, Load, Running, Subject } from './subject.ts';

const KNOCK_PORT = 62201;
/** With as many clients, the gate allows only the fewest slots. */
const MANY_CLIENTS = 500;
/** A client has 32 tags in 30 seconds, and knocks no more often: as many clients as a case has knocks take turns. */
const TURNS = 50;
/** Different packets of a flood; they are sent in turn. */
const JUNK_PACKETS = 8192;
/** Thousands of clients' keys and tags take a while. */
const START_MS = 180_000;
/** Lengths between which genuine datagrams are; protocol.md, "Payload". */
const LENGTH = { least: 128, most: 512 } as const;
/** Elements in one command: nft reads a line at a time. */
const SLICE = 5000;

/** Ours: knockgated as its unit runs it, with the settings that it comes with. */
export const knockgate: Subject = { name: 'knockgate', turns: TURNS, start: startKnockgate };

/** Starts it; `env` is for a look inside. */
export async function startKnockgate(ground: Ground, load: Load, env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const clients = newClients(load.clients);
  const settings = {
    ports: ['tcp/22'],
    knock_ports: [KNOCK_PORT],
    slots: load.clients < MANY_CLIENTS ? SLOTS.usual : SLOTS.least,
  };
  const gate = new Gate(ground.pair.target, { settings, env: { ...env, ...asItsUnit(env) } });
  const { key: gateKey } = parseGateLine(await gate.enrolmentLine());
  gate.configure(settings, clients.entries);
  await gate.start(START_MS);
  await grantMany(ground.pair.target, load.grants);

  const seal = (n: number) => clients.seal(n, gateKey);
  return {
    clients: load.clients,
    knock: async (n) => ({ kind: 'udp', port: KNOCK_PORT, datagram: seal(n) }),
    junk: () => datagrams(JUNK_PACKETS, () => randomBytes(randomInt(LENGTH.least, LENGTH.most + 1))),
    forged: (count) => datagrams(count, (n) => spoiled(seal(n % load.clients))),
    stop: () => gate.dispose(),
  };
}

/** The environment in which Node runs as the daemon's unit has it: no memory is both written and run. */
export function asItsUnit({ NODE_OPTIONS = '' }: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--jitless ${NODE_OPTIONS}`.trim() };
}

/** Clients with keys of their own: as gate.toml has them, and what seals messages of the n-th. */
export function newClients(count: number) {
  const privates = Array.from({ length: count }, () => newPrivateKey(nodeCrypto));
  const used = new Map<string, number>();
  return {
    entries: privates.map((key, n) => ({ name: `client-${n}`, key: formatKey(nodeCrypto.publicKey(key)) })),
    /** With a tag that the client has not used. */
    seal: (n: number, gateKey: Uint8Array): Uint8Array => {
      const epoch = epochAt(Date.now());
      const place = `${n} ${epoch}`;
      const slot = used.get(place) ?? 0;
      used.set(place, slot + 1);
      const pair = pairKeys(nodeCrypto, 'client', privates[n] ?? new Uint8Array(), gateKey);
      return sealMessage(nodeCrypto, pair, { kind: 'ordinary', epoch, slot }, requestTo());
    },
  };
}

function datagrams(count: number, make: (n: number) => Uint8Array): Junk {
  return { kind: 'udp', port: KNOCK_PORT, packets: Array.from({ length: count }, (_, n) => make(n)) };
}

/** With a right tag, and all else random: the kernel lets it through. */
function spoiled(datagram: Uint8Array): Uint8Array {
  return Buffer.concat([datagram.subarray(0, TAG_LENGTH), randomBytes(datagram.length - TAG_LENGTH)]);
}

/** Puts grants into the kernel's set as the daemon puts them there, only faster than by knocking. */
export async function grantMany(ns: string, count: number): Promise<void> {
  const grants = liveGrants(count);
  for (let at = 0; at < grants.length; at += SLICE) {
    const elements = grants.slice(at, at + SLICE).map((address) => `${address} . tcp . 22 timeout 1h`);
    await loadNft(ns, `add element inet knockgate granted4 { ${elements.join(', ')} }\n`);
  }
}
