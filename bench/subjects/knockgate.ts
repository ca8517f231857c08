import { randomBytes, randomInt } from 'node:crypto';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { parseGateLine } from '../../src/spa/enrolment.ts';
import { formatKey, newPrivateKey } from '../../src/spa/keys.ts';
import { sealMessage } from '../../src/spa/message.ts';
import { epochAt, pairKeys, SLOTS } from '../../src/spa/outer.ts';
import { Gate } from '../../test/rig/gate.ts';
import { loadNft } from '../../test/rig/nft.ts';
import type { Ground } from '../ground.ts';
import { liveGrants } from '../live-grants.ts';
import type { Junk, Load, Running, Subject } from './subject.ts';

const KNOCK_PORT = 62201;
/** With as many clients, the gate allows only the fewest slots. */
const MANY_CLIENTS = 500;
/** A client has 32 tags in 30 seconds, and knocks no more often: as many clients as a case has knocks take turns. */
const LEAST_CLIENTS = 50;
/** Different packets of a flood; they are sent in turn. */
const JUNK_PACKETS = 8192;
/** Lengths between which genuine datagrams are; protocol.md, "Payload". */
const LENGTH = { least: 128, most: 512 } as const;
/** Elements in one command: nft reads a line at a time. */
const SLICE = 5000;

/** Ours: knockgated as its unit runs it, with the settings that it comes with. */
export const knockgate: Subject = { name: 'knockgate', knowsClients: true, start };

async function start(ground: Ground, load: Load): Promise<Running> {
  const privates = Array.from({ length: Math.max(load.clients, LEAST_CLIENTS) }, () => newPrivateKey(nodeCrypto));
  const slots = privates.length < MANY_CLIENTS ? SLOTS.usual : SLOTS.least;
  const gate = new Gate(ground.pair.target, {
    settings: { ports: ['tcp/22'], knock_ports: [KNOCK_PORT], slots },
    clients: privates.map((key, n) => ({ name: `client-${n}`, key: formatKey(nodeCrypto.publicKey(key)) })),
  });
  const { key: gateKey } = parseGateLine(await gate.enrolmentLine());
  await gate.start(60_000);
  await grantMany(ground.pair.target, load.grants);

  const used = new Map<string, number>();
  return {
    clients: privates.length,
    knock: async (n) => {
      const epoch = epochAt(Date.now());
      const place = `${n} ${epoch}`;
      const slot = used.get(place) ?? 0;
      used.set(place, slot + 1);
      const pair = pairKeys(nodeCrypto, 'client', privates[n] ?? new Uint8Array(), gateKey);
      const request = { timestamp: Date.now(), source: undefined, duration: 0, ports: [], action: '' };
      const datagram = sealMessage(nodeCrypto, pair, { epoch, slot }, request);
      return { kind: 'udp', port: KNOCK_PORT, datagram };
    },
    junk: (): Junk => ({
      kind: 'udp',
      port: KNOCK_PORT,
      packets: Array.from({ length: JUNK_PACKETS }, () => randomBytes(randomInt(LENGTH.least, LENGTH.most + 1))),
    }),
    stop: () => gate.dispose(),
  };
}

/** Puts grants into the kernel's set as the daemon puts them there, only faster than by knocking. */
async function grantMany(ns: string, count: number): Promise<void> {
  const grants = liveGrants(count);
  for (let at = 0; at < grants.length; at += SLICE) {
    const elements = grants.slice(at, at + SLICE).map((address) => `${address} . tcp . 22 timeout 1h`);
    await loadNft(ns, `add element inet knockgate granted4 { ${elements.join(', ')} }\n`);
  }
}
