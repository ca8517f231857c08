import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { parseGateLine } from '../../src/spa/enrolment.ts';
import { Clients } from '../../test/rig/clients.ts';
import { Gate } from '../../test/rig/gate.ts';
import { sleep } from '../../test/rig/process.ts';
import type { Ground } from '../ground.ts';
import { junk, type Keys, KNOCK_PORT, newKeys, packet } from './fwknop.ts';
import { asItsUnit, grantMany } from './knockgate.ts';
import type { Load, Running, Subject } from './subject.ts';

/** Where the same gate hears messages of our own. */
const OWN_PORT = 443;

/** Our gate, knocked at by clients of fwknop. */
export const knockgateFwknop: Subject = {
  name: 'knockgate-fwknop',
  whyNotMany: 'one stanza is tried after the other: thousands of clients are for our own message',
  turns: 1,
  start: async (ground, load) => (await startForBoth(ground, load, 0)).fwknop,
};

/** Starts a gate that hears both: fwknop's packets, and on another port messages of so many clients of our own. */
export async function startForBoth(
  ground: Ground,
  load: Load,
  ownClients: number,
): Promise<{ fwknop: Running; own: Pick<Running, 'clients' | 'knock'> }> {
  const gate = new Gate(ground.pair.target, { env: asItsUnit() });
  const clients = new Clients(ownClients);
  clients.enrol(parseGateLine(await gate.enrolmentLine()).key);
  const keys = Array.from({ length: load.clients }, newKeys);
  gate.configureText(
    stringify({
      gate: { ports: ['tcp/22'], knock_ports: [OWN_PORT], fwknop_port: KNOCK_PORT },
      ...(ownClients > 0 && { client: clients.entries }),
      fwknop: keys.map((each, n) => ({ name: `phone-${n}`, key_file: keyFile(gate, n, each) })),
    }),
  );
  await gate.start();
  // fwknop's packets name whole seconds: one of the second in which the record of replays was made counts as older than it.
  await sleep(1000);
  await grantMany(ground.pair.target, load.grants);
  const fwknop: Running = {
    clients: keys.length,
    knock: async (n, source) => {
      const own = keys[n];
      if (own === undefined) throw new Error(`no client ${n}`);
      return { kind: 'udp', port: KNOCK_PORT, datagram: await packet(own, source, join(gate.dir, 'packet')) };
    },
    junk,
    stop: () => gate.dispose(),
  };
  const knock = async (n: number) => ({ kind: 'udp', port: OWN_PORT, datagram: clients.seal(n) }) as const;
  return { fwknop, own: { clients: ownClients, knock } };
}

function keyFile(gate: Gate, n: number, { rijndael, hmac }: Keys): string {
  const path = join(gate.dir, `phone-${n}.keys`);
  writeFileSync(path, `KEY_BASE64: ${rijndael}\nHMAC_KEY_BASE64: ${hmac}\n`);
  chmodSync(path, 0o640);
  gate.give(path);
  return path;
}
