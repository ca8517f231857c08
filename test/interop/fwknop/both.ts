import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratch } from '../../rig/cleanup.ts';
import { Fwknopd } from '../../rig/fwknopd.ts';
import { Gate } from '../../rig/gate.ts';
import { CLIENT4, createPair, type Pair, TARGET4 } from '../../rig/netns.ts';
import { loadNft, setElements } from '../../rig/nft.ts';
import { must, runHere, sleep } from '../../rig/process.ts';
import { Reach } from '../../rig/reach.ts';
import type { RandomKnock, RandomStanza } from './random-access.ts';

/** How long each thing is open, in seconds: `192.0.2.1 tcp/22`, or `192.0.2.1 -> 10.0.0.5 tcp/22` where it leads on. */
export type Opened = ReadonlyMap<string, number>;

/** Ports that are tried from every address; the gate hides them. */
const PORTS = [22, 23, 53, 80, 1194, 2222, 8443].flatMap((port) => [`tcp/${port}`, `udp/${port}`]);
const SPA_PORT = 62_201;
const SENDER = fileURLToPath(new URL('../../rig/helpers/send-each.mjs', import.meta.url));
/** Milliseconds between two packets: the gate limits their rate. */
const GAP_MS = 5;
const PATIENCE_MS = 60_000;
/** Behind the target: what FORCE_NAT names is there. */
const INNER = '10.0.0.1/24';

/** Packets are handled in order: when this last one, of a stanza of its own, has opened its port, all are done. */
const LAST: { readonly stanza: RandomStanza; readonly knock: Omit<RandomKnock, 'stanza'> } = {
  stanza: {
    lines: ['SOURCE ANY', 'KEY last', 'HMAC_KEY last hmac', 'OPEN_PORTS tcp/9'],
    keys: [
      ...['--key-base64-rijndael', Buffer.from('last').toString('base64')],
      ...['--use-hmac', '--key-base64-hmac', Buffer.from('last hmac').toString('base64')],
    ],
  },
  knock: { source: CLIENT4, claimed: CLIENT4, ask: ['-A', 'tcp/9'] },
};

/** Rules that drop all but what fwknopd opens and the packet that ends a scan. */
const SHUT = [
  '*filter',
  ':INPUT DROP [0:0]',
  ':FORWARD DROP [0:0]',
  '-A INPUT -p udp --dport 9 -j ACCEPT',
  'COMMIT',
  '',
];

/** The addresses that the knock with a number may come from and name. */
export const addressesOf = (knock: number): readonly [string, string] => [
  `192.0.2.${64 + knock}`,
  `192.0.2.${160 + knock}`,
];
/** So many knocks have addresses of their own. */
const MOST_KNOCKS = 64;

/** A real fwknopd and a gate that was made from its files, each on a host of its own. */
export class Both {
  private constructor(
    private readonly stanzas: readonly RandomStanza[],
    private readonly theirs: { readonly pair: Pair; readonly reach: Reach; readonly fwknopd: Fwknopd },
    private readonly ours: { readonly pair: Pair; readonly reach: Reach; readonly gate: Gate },
    private readonly home: ReturnType<typeof scratch>,
  ) {}

  /** @throws when fwknopd refuses one of the stanzas */
  static async start(stanzas: readonly RandomStanza[]): Promise<Both> {
    const clientAddresses = Array.from({ length: MOST_KNOCKS }, (_, i) => addressesOf(i)).flatMap((addresses) =>
      addresses.map((address) => `${address}/24`),
    );
    const all = [...stanzas, LAST.stanza];
    const pairs: Pair[] = [];
    const prepare = async (name: string) => {
      const pair = await createPair({ name, clientAddresses });
      pairs.push(pair);
      await makeInner(pair.target);
      return { pair, reach: await Reach.make(pair.client, pair.target) };
    };
    let fwknopd: Fwknopd | undefined;
    let gate: Gate | undefined;
    try {
      const theirs = await prepare('theirs');
      await must(['ip', 'netns', 'exec', theirs.pair.target, 'iptables-restore'], { input: SHUT.join('\n') });
      const text = all.map(({ lines }) => lines.join('\n')).join('\n\n');
      fwknopd = await Fwknopd.startWith(theirs.pair.target, `${text}\n`, `port ${SPA_PORT}`);
      const ours = await prepare('ours');
      gate = await startImported(ours.pair.target, fwknopd.files);
      return new Both(all, { ...theirs, fwknopd }, { ...ours, gate }, scratch('fwknop-home'));
    } catch (error) {
      await fwknopd?.stop();
      await gate?.dispose();
      for (const pair of pairs) pair.destroy();
      throw error;
    }
  }

  /** Sends the same packets of fwknop's own client to both, and sees what opens. A gate remembers grants: each address may knock once. */
  async knock(knocks: readonly RandomKnock[]): Promise<{ readonly theirs: Opened; readonly ours: Opened }> {
    const packets: { source: string; body: string }[] = [];
    for (const knock of [...knocks, { ...LAST.knock, stanza: this.stanzas.length - 1 }])
      packets.push({ source: knock.source, body: (await this.packetOf(knock)).toString('base64') });
    const sentAt = Math.floor(Date.now() / 1000);
    for (const { pair } of [this.theirs, this.ours]) {
      const input = JSON.stringify({ host: TARGET4, port: SPA_PORT, gapMs: GAP_MS, datagrams: packets });
      await must(['ip', 'netns', 'exec', pair.client, process.execPath, SENDER], { input });
    }
    await until('fwknopd', this.theirs.fwknopd.said, async () =>
      (await this.theirs.fwknopd.ends()).has(`${CLIENT4} tcp/9`),
    );
    await until(
      'the gate',
      () => this.ours.gate.noise,
      async () => (await secondsAtGate(this.ours.pair.target)).has(`${CLIENT4} tcp/9`),
    );
    const ends = await this.theirs.fwknopd.ends();
    const seconds = await secondsAtGate(this.ours.pair.target);
    // A grant that is over before the scan would not be seen: fwknopd's side is scanned first.
    const [theirs, ours] = [await scan(this.theirs), await scan(this.ours)];
    return {
      theirs: new Map(theirs.map(({ what, by }) => [what, (ends.get(by) ?? sentAt) - sentAt])),
      ours: new Map(ours.map(({ what, by }) => [what, seconds.get(by) ?? Number.POSITIVE_INFINITY])),
    };
  }

  async end(): Promise<void> {
    await this.theirs.fwknopd.stop();
    await this.ours.gate.dispose();
    for (const { pair } of [this.theirs, this.ours]) pair.destroy();
    this.home.discard();
  }

  private async packetOf({ stanza, claimed, ask }: RandomKnock): Promise<Buffer> {
    const file = join(this.home.dir, 'packet');
    const options = [
      ...ask,
      ...(claimed === undefined ? ['-s'] : ['-a', claimed]),
      ...(this.stanzas[stanza]?.keys ?? []),
    ];
    const { code, stderr } = await runHere(
      ['fwknop', '--no-rc-file', '-D', TARGET4, '--test', '-B', file, ...options],
      {
        env: { ...process.env, HOME: this.home.dir },
      },
    );
    if (code !== 0) throw new Error(`fwknop ${ask.join(' ')}: ${stderr}`);
    return Buffer.from(readFileSync(file, 'latin1').trimEnd(), 'latin1');
  }
}

/** Gives the gate the result of import-fwknop. The gate hides every port that a test tries, so that nothing else is open. */
async function startImported(ns: string, files: Fwknopd['files']): Promise<Gate> {
  const gate = new Gate(ns);
  try {
    await gate.enrolmentLine();
    const { code, stdout, stderr } = await gate.cli(['import-fwknop', files.access, files.config], { asRoot: true });
    if (code !== 0) throw new Error(`import-fwknop: ${stderr}`);
    const hidden = JSON.stringify([...PORTS, 'tcp/9']);
    gate.configureText(stdout.replace(/^ports = .*$/m, `ports = ${hidden}\nfwknop_rate = 1000`));
    await gate.start();
    // A packet names whole seconds: one of the second in which the record of replays was made counts as older than it.
    await sleep(1000);
    return gate;
  } catch (error) {
    await gate.dispose();
    throw error;
  }
}

/** A network behind the target, and a note of each packet that is led there: from whom, by which port, and where to. */
async function makeInner(ns: string): Promise<void> {
  await must(['ip', '-n', ns, 'link', 'add', 'inner', 'type', 'veth', 'peer', 'inner-end']);
  await must(['ip', '-n', ns, 'addr', 'add', INNER, 'dev', 'inner']);
  await must(['ip', '-n', ns, 'link', 'set', 'inner', 'up']);
  await must(['ip', 'netns', 'exec', ns, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  await loadNft(
    ns,
    `table inet led {
      set led { type ipv4_addr . inet_proto . inet_service . ipv4_addr . inet_service; flags dynamic; size 65535; }
      chain behind {
        type filter hook forward priority 400;
        meta l4proto { tcp, udp } add @led { ip saddr . meta l4proto . ct original proto-dst . ip daddr . th dport }
      }
    }`,
  );
}

/** Lists what gets through from every address, and by which port of the target. */
async function scan({ pair, reach }: { readonly pair: Pair; readonly reach: Reach }) {
  await loadNft(pair.target, 'flush set inet led led');
  const sources = [CLIENT4, ...Array.from({ length: MOST_KNOCKS }, (_, i) => addressesOf(i)).flat()];
  const through = await reach.through(
    sources.map((source) => ({ source, host: TARGET4 })),
    PORTS,
  );
  const led = await setElements(pair.target, 'led', 'led');
  return [
    ...through.map((what) => ({ what, by: what })),
    ...led.map(({ key: [source, protocol, by, to, port] }) => ({
      what: `${source} -> ${to} ${protocol}/${port}`,
      by: `${source} ${protocol}/${by}`,
    })),
  ];
}

async function secondsAtGate(ns: string): Promise<Opened> {
  const granted = await setElements(ns, 'granted4');
  return new Map(
    granted.map(({ key: [source, protocol, port], timeout }) => [
      `${source} ${protocol}/${port}`,
      timeout ?? Number.POSITIVE_INFINITY,
    ]),
  );
}

async function until(who: string, said: () => string, isDone: () => Promise<boolean>): Promise<void> {
  const start = performance.now();
  while (!(await isDone())) {
    if (performance.now() - start > PATIENCE_MS)
      throw new Error(`${who} does not open for the last packet: ${said().slice(-3000)}`);
    await sleep(20);
  }
}
