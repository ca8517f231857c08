import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { sendKnock } from '../../src/client/gate/knock.ts';
import { openUdpRoute } from '../../src/client/network/udp.ts';
import type { CryptoProvider } from '../../src/spa/crypto.ts';
import { nobleCrypto } from '../../src/spa/crypto-noble.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { formatGateLine } from '../../src/spa/enrolment.ts';
import { newPrivateKey } from '../../src/spa/keys.ts';
import { pairKeys } from '../../src/spa/outer.ts';
import { epochAt, SLOTS } from '../../src/spa/tags.ts';
import { Client } from '../../test/rig/client.ts';
import { CLIENT4, createPair, run, TARGET4 } from '../../test/rig/netns.ts';
import { native } from '../native.ts';
import { type Figure, median, rounded } from '../results.ts';
import type { SubjectName } from '../subjects/subject.ts';

const HOST = 'target';
const PORT = 62201;
const SEQUENCE = ['7000', '8000', '9000'];

/** How long each client takes from being called to its first packet. Nobody listens: that is not waited for. */
export async function clientTimes(runs: number): Promise<Figure[]> {
  const pair = await createPair({ name: 'client' });
  const client = new Client(pair.client);
  try {
    await client.keygen();
    await client.add(gateLine());
    const fwknopKeys = ['--key-base64-rijndael', secret(32), '--use-hmac', '--key-base64-hmac', secret(64)];
    const fwknop = ['fwknop', '-A', 'tcp/22', '-a', CLIENT4, '-D', TARGET4, '--no-rc-file', '--no-save-args'];
    const leastOfNode = `require('dgram').createSocket('udp4').send(Buffer.alloc(128), ${PORT}, '${TARGET4}')`;
    const programs: [SubjectName, string[], string[], string?][] = [
      [
        'knockgate',
        ['udp', String(PORT)],
        [process.execPath, '-e', leastOfNode],
        'smallest Node program that sends a packet',
      ],
      ['knockgate', ['udp', String(PORT)], client.argv(['knock', HOST, '--force'])],
      ['fwknopd-udp', ['udp', String(PORT)], [...fwknop, ...fwknopKeys]],
      ['knockd', ['syn', SEQUENCE[0] ?? ''], ['knock', TARGET4, ...SEQUENCE]],
    ];
    const figures: Figure[] = [];
    for (const [subject, what, argv, name = 'client program'] of programs) {
      const times: number[] = [];
      for (let n = 0; n < runs; n += 1)
        times.push(await stopwatch(pair.client, [...what, ...argv], client.environment));
      figures.push({ figure: `${name}, start to packet`, subject, value: rounded(median(times)), unit: 'ms' });
    }
    // The extension takes Node's cryptography where that is sound (src/vscode/keys/editor-crypto.ts), JavaScript's elsewhere.
    for (const [name, crypto] of PROVIDERS) figures.push(...(await inProcess(name, crypto, runs)));
    return figures;
  } finally {
    client.dispose();
    pair.destroy();
  }
}

const secret = (length: number) => randomBytes(length).toString('base64');

function gateLine(): string {
  const key = nodeCrypto.publicKey(newPrivateKey(nodeCrypto));
  return formatGateLine({ key, slots: SLOTS.usual, addresses: [TARGET4], knockPorts: [PORT], name: HOST });
}

async function stopwatch(ns: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { code, stdout, stderr } = await run(ns, [await native('stopwatch'), ...args], { env });
  if (code !== 0) throw new Error(`stopwatch ${args.join(' ')}: ${stderr.trim()}`);
  return Number(stdout) / 1e6;
}

const PROVIDERS: readonly [string, CryptoProvider][] = [
  ['Node’s cryptography', nodeCrypto],
  ['cryptography in JavaScript', nobleCrypto(nodeCrypto.randomBytes)],
];

/** As the extension does it: no program is started. */
async function inProcess(provider: string, crypto: CryptoProvider, runs: number): Promise<Figure[]> {
  const listener = createSocket('udp4').bind(0, '127.0.0.1');
  await once(listener, 'listening');
  const to = { address: '127.0.0.1', port: listener.address().port };
  const gate = crypto.publicKey(newPrivateKey(crypto));
  const pair = pairKeys(crypto, 'client', newPrivateKey(crypto), gate);
  const times: number[] = [];
  for (let slot = 0; slot <= runs; slot += 1) {
    const start = performance.now();
    const ask = { ports: [], duration: 0, claimSource: true, timestamp: Date.now(), earlier: [] };
    const place = { kind: 'ordinary' as const, epoch: epochAt(Date.now()), slot: slot % SLOTS.usual };
    await sendKnock(crypto, pair, place, ask, to, openUdpRoute);
    times.push(performance.now() - start);
  }
  listener.close();
  const figure = (name: string, value: number | undefined): Figure => {
    return { figure: name, subject: 'knockgate', value: rounded(value), unit: 'ms' };
  };
  return [
    figure(`in the editor, ${provider}: call to packet, the first`, times[0]),
    figure(`in the editor, ${provider}: call to packet`, median(times.slice(1))),
  ];
}
