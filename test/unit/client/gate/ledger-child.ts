import { Ledger } from '../../../../src/client/gate/ledger.ts';
import { systemClock } from '../../../../src/os/clock.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { pairKeys } from '../../../../src/spa/outer.ts';

/** Takes slots for one knock after the other, in a process of its own: `ledger-child.ts PATH WALL_MS KNOCKS`. */
const [path = '', wallMs = '', knocks = ''] = process.argv.slice(2);
const gatePublic = nodeCrypto.publicKey(new Uint8Array(32).fill(2));
const pair = pairKeys(nodeCrypto, 'client', new Uint8Array(32).fill(1), gatePublic);
const ledger = new Ledger(path, { ...systemClock, wallMs: () => Number(wallMs) }, nodeCrypto);

const ORDINARY = { boundTo: undefined };

async function main(): Promise<void> {
  process.stdout.write('ready\n');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  for (let i = 0; i < Number(knocks); i++) {
    const places = await ledger.takeSlots(pair, 64, [ORDINARY, ORDINARY], 0);
    for (const { epoch, slot } of places) process.stdout.write(`${epoch} ${slot}\n`);
  }
  process.exit(0);
}

main();
