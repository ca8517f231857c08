import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { machineMark, readGateKey } from '../../../../server-helper/config/keys.ts';
import { nodeFwknopCrypto } from '../../../../src/fwknop/crypto-node.ts';
import { type PacketKeys, sealPacket } from '../../../../src/fwknop/packet.ts';
import { encodePlaintext } from '../../../../src/fwknop/plaintext.ts';
import { randomDigits } from '../../../../src/fwknop/random.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { sealMessage } from '../../../../src/spa/message.ts';
import { pairKeys } from '../../../../src/spa/outer.ts';
import { epochAt } from '../../../../src/spa/tags.ts';
import { requestTo } from '../../../rig/request.ts';
import { address } from '../support.ts';
import { scene, start } from './run-support.ts';

const LAPTOP = new Uint8Array(32).fill(7);
const PHONES: PacketKeys = {
  key: new Uint8Array(32).fill(8),
  mode: 'cbc',
  hmac: { digest: 'sha256', key: new Uint8Array(64).fill(9) },
};

async function send(datagram: Uint8Array, port: number) {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve));
  socket.close();
}

/** As old as a packet may be, and younger than the record of a gate that was started just now: fwknop counts whole seconds. */
function fwknopPacket(aheadSeconds = 1): Uint8Array {
  const ask = { kind: 'access' as const, ports: [{ protocol: 'tcp' as const, port: 22 }] };
  const message = {
    random: randomDigits(nodeFwknopCrypto),
    user: 'alice',
    timestamp: Math.floor(Date.now() / 1000) + aheadSeconds,
    version: '3.0.0',
    source: address('203.0.113.7'),
    ask,
    serverAuth: undefined,
    timeout: 0,
  };
  return Buffer.from(sealPacket(nodeFwknopCrypto, PHONES, encodePlaintext(nodeFwknopCrypto, message, 'sha256')));
}

it('one packet that is sent again and again is written down ten times, and then counted: each minute, and at the end', async () => {
  const made = await scene();
  // A minute is over when the test says so.
  const clock = join(made.folder, 'clock.cjs');
  const later = 'const now = c.now.bind(c); c.now = () => now() + ms';
  writeFileSync(
    clock,
    `let ms = 0; process.on('SIGUSR2', () => { ms += 60000; }); for (const c of [Date, performance]) { ${later}; }`,
  );
  const { child, until } = start(made, { NODE_OPTIONS: `--require ${clock}` });
  await until('armed');
  // Ahead of the clock, which is set a minute on below: on a slow machine as well the packet is then within the tolerance.
  const packet = fwknopPacket(45);
  await send(packet, made.fwknopPort);
  await until('granted');
  /** Sends that many copies, and returns what is logged until a later, new packet is granted. */
  const replay = async (times: number) => {
    for (let i = 0; i < times; i++) await send(packet, made.fwknopPort);
    await send(fwknopPacket(), made.fwknopPort);
    return (await until('granted')).filter((line) => line.includes('"refused"'));
  };
  expect(await replay(25)).toHaveLength(10);
  child.kill('SIGUSR2');
  expect((await until('refused')).at(-1)).toContain('"reason":"replayed","count":15,"seconds":6');
  expect(await replay(13)).toHaveLength(10);
  child.kill('SIGTERM');
  expect((await until('refused')).at(-1)).toContain('"reason":"replayed","count":3,');
});

it('nothing is taken twice when an older state is put back while the machine is off', async () => {
  const made = await scene();
  const laptop = nodeCrypto.publicKey(LAPTOP);
  const config = readFileSync(made.paths.config, 'utf8');
  writeFileSync(made.paths.config, `${config}[[client]]\nname = "laptop"\nkey = "${formatKey(laptop)}"\n`);
  const gateKey = nodeCrypto.publicKey(readGateKey(made.paths.key, machineMark()));
  const boot = (id: string) => ({ KNOCKGATE_BOOT_ID: id.repeat(32) });
  const records = [made.paths.replay, made.paths.fwknopReplay];

  const first = start(made, boot('1'));
  await first.until('armed');
  for (const path of records) copyFileSync(path, `${path}.older`);
  const now = Date.now();
  const request = requestTo('127.0.0.1', { timestamp: now });
  const pair = pairKeys(nodeCrypto, 'client', LAPTOP, gateKey);
  const packets: [Uint8Array, number][] = [
    [sealMessage(nodeCrypto, pair, { kind: 'ordinary', epoch: epochAt(now), slot: 1 }, request), made.knockPort],
    [fwknopPacket(), made.fwknopPort],
  ];
  for (const [packet, port] of packets) {
    await send(packet, port);
    await first.until('granted');
  }
  first.child.kill('SIGKILL');
  await once(first.child, 'close');

  for (const path of records) copyFileSync(`${path}.older`, path);
  // The fwknop packet is dated a second ahead.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const second = start(made, boot('2'));
  await second.until('armed');
  for (const [packet, port] of packets) {
    await send(packet, port);
    expect((await second.until('refused')).at(-1)).toContain(
      '"reason":"replayed","detail":"older than the replay record"',
    );
  }
});
