import { readFileSync } from 'node:fs';
import { knockAndWait } from '../../src/client/gate/knock-and-wait.ts';
import type { KnockIo } from '../../src/client/gate/knock-io.ts';
import { Ledger } from '../../src/client/gate/ledger.ts';
import type { Target } from '../../src/client/gate/target.ts';
import { readSecretFile } from '../../src/client/keys/identity.ts';
import { probeTcp } from '../../src/client/network/probe.ts';
import { type OpenUdpRoute, openUdpRoute } from '../../src/client/network/udp.ts';
import { systemClock } from '../../src/os/clock.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { parseGateLine } from '../../src/spa/enrolment.ts';
import { pairKeys } from '../../src/spa/outer.ts';
import { ledgerFolder } from './diagnose-order.ts';
import type { LateKnocks } from './late-knock-order.ts';

/** The shortest grant, and how long it takes to be over. */
const GRANT_SECONDS = 1;
const OVER_AFTER_MS = 1300;

/** A way that delivers the first datagram late or not at all. */
function badWay(fate: LateKnocks['fate']): OpenUdpRoute {
  let isFirst = true;
  return async (to, port) => {
    const route = await openUdpRoute(to, port);
    if (!isFirst) return route;
    isFirst = false;
    return {
      localAddress: route.localAddress,
      send: async (datagram) => {
        if (fate !== 'lost') setTimeout(() => route.send(datagram), fate);
      },
      // Closes the route after the delayed datagram has left.
      close: () => void setTimeout(() => route.close(), fate === 'lost' ? 0 : fate + 20),
    };
  };
}

/** Knocks again and again from within a namespace, each time over a bad way, and prints how many milliseconds each took. */
async function main({ line, keyFile, address, fate, count }: LateKnocks): Promise<void> {
  const gate = parseGateLine(line);
  const pair = pairKeys(nodeCrypto, 'client', readSecretFile(keyFile, process.getuid?.() ?? -1), gate.key);
  const ledger = new Ledger(ledgerFolder(keyFile), systemClock, nodeCrypto);
  const target: Target = {
    name: 'target',
    addresses: [address],
    knockPorts: gate.knockPorts,
    slots: gate.slots,
    ports: [],
    duration: GRANT_SECONDS,
    claimSource: true,
    probePort: 22,
  };
  const options = { force: true, timeoutMs: 8000 };
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const io: KnockIo = { clock: systemClock, crypto: nodeCrypto, openRoute: badWay(fate), probe: probeTcp, ledger };
    const result = await knockAndWait(target, pair, options, io, new AbortController().signal);
    if (result.kind !== 'open') throw new Error(result.kind);
    result.socket.destroy();
    times.push(result.afterMs);
    await systemClock.sleep(OVER_AFTER_MS);
  }
  process.stdout.write(JSON.stringify(times));
}

const order: LateKnocks = JSON.parse(readFileSync(0, 'utf8'));
main(order);
