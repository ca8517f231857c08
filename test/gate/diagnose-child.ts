import { readFileSync } from 'node:fs';
import { diagnose } from '../../src/client/diagnose/diagnose.ts';
import { readGreeting } from '../../src/client/diagnose/greeting.ts';
import type { DiagnoseIo } from '../../src/client/diagnose/walk.ts';
import { hostOfGate } from '../../src/client/gate/host.ts';
import { Ledger } from '../../src/client/gate/ledger.ts';
import { readSecretFile } from '../../src/client/keys/identity.ts';
import { probeTcp } from '../../src/client/network/probe.ts';
import { resolveBySystem } from '../../src/client/network/resolve.ts';
import { openUdpRoute } from '../../src/client/network/udp.ts';
import { systemClock } from '../../src/os/clock.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { parseGateLine } from '../../src/spa/enrolment.ts';
import { pairKeys } from '../../src/spa/outer.ts';
import { said } from '../rig/said-diagnosis.ts';
import { ledgerFolder, type Order } from './diagnose-order.ts';

/** Diagnoses a gate from within a namespace, and prints the result as JSON. */
async function main({ line, keyFile, address, clockMs = 0 }: Order): Promise<void> {
  const clock = { ...systemClock, wallMs: () => Date.now() + clockMs };
  const io: DiagnoseIo = {
    clock,
    crypto: nodeCrypto,
    resolve: resolveBySystem,
    openRoute: openUdpRoute,
    probe: probeTcp,
    ledger: new Ledger(ledgerFolder(keyFile), clock, nodeCrypto),
    readGreeting,
  };
  const gate = parseGateLine(line);
  const privateKey = readSecretFile(keyFile, process.getuid?.() ?? -1);
  const subject = {
    host: hostOfGate('target', gate, address),
    sshPort: 22,
    pair: async () => pairKeys(nodeCrypto, 'client', privateKey, gate.key),
    hasPsk: false,
    keyName: 'alice-laptop',
    openedMs: undefined,
  };
  const found = await diagnose(subject, io, new AbortController().signal, () => {});
  process.stdout.write(JSON.stringify(said(found)));
}

const order: Order = JSON.parse(readFileSync(0, 'utf8'));
main(order);
