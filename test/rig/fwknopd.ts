import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, Mode } from '../../src/fwknop/algorithms.ts';
import { scratch } from './cleanup.ts';
import { exec, LINK, run } from './netns.ts';
import { end, runHere, sleep } from './process.ts';

/** fwknop's name of each mode in access.conf. */
const MODE_NAME: Record<Mode, string> = {
  cbc: 'CBC',
  cfb: 'CFB',
  ofb: 'OFB',
  ctr: 'CTR',
  ecb: 'ECB',
  legacy: 'legacy',
};

/** Chains in which it lets in, and forwards. */
const CHAINS = [
  ['filter', 'FWKNOP_INPUT'],
  ['nat', 'FWKNOP_PREROUTING'],
] as const;

/** A stanza of access.conf. */
export interface Stanza {
  readonly mode: Mode;
  readonly hmac: Digest | undefined;
  readonly key: string;
  readonly hmacKey: string | undefined;
  /** Lines that replace key and mode: those of GnuPG's mode. */
  readonly gpg?: readonly string[];
  /** More lines of it. */
  readonly more?: readonly string[];
}

/** A real fwknopd in a namespace, with iptables behind it. */
export class Fwknopd {
  private constructor(
    private readonly ns: string,
    private readonly child: ReturnType<typeof exec>,
    private readonly discard: () => void,
    /** Its access.conf and fwknopd.conf. */
    readonly files: { readonly access: string; readonly config: string },
    readonly said: () => string,
  ) {}

  /**
   * Starts it on the pair's cable, and waits until it captures.
   * @param filter PCAP_FILTER: which packets it looks at
   */
  static start(ns: string, stanzas: readonly Stanza[], filter = 'port 62201'): Promise<Fwknopd> {
    return Fwknopd.startWith(ns, stanzas.map(textOf).join('\n'), filter);
  }

  /**
   * The same with an access.conf as it is given.
   * @throws when fwknopd refuses it
   */
  static async startWith(ns: string, accessText: string, filter = 'port 62201'): Promise<Fwknopd> {
    const { files, discard } = writeFiles(accessText, filter);
    const { config, access } = files;
    const argv = ['fwknopd', '-f', '-c', config, '-a', access, '--syslog-enable'];
    const child = exec(ns, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    for (let tries = 0; !(await chainExists(ns)); tries++) {
      if (child.exitCode !== null || tries > 200) throw new Error(`fwknopd did not start: ${said}`);
      await sleep(50);
    }
    await sleep(300);
    return new Fwknopd(ns, child, discard, files, () => said);
  }

  /** Where its rules lead connections from an address, as iptables writes it: `10.0.0.5:22`. */
  async leads(address: string): Promise<string[]> {
    const { stdout } = await run(this.ns, ['iptables', '-t', 'nat', '-S', 'FWKNOP_PREROUTING']);
    const lines = stdout.split('\n').filter((line) => line.includes(`-s ${address}/32`));
    return lines.flatMap((line) => /--to-destination (\S+)/.exec(line)?.[1] ?? []);
  }

  /** The TCP ports that it has opened for an address. */
  async opened(address: string): Promise<Set<number>> {
    const { stdout } = await run(this.ns, ['iptables', '-S', 'FWKNOP_INPUT']);
    const lines = stdout.split('\n').filter((line) => line.includes(`-s ${address}/32`));
    return new Set(lines.flatMap((line) => /--dport ([0-9]+)/.exec(line)?.[1] ?? []).map(Number));
  }

  /** When each grant ends, in Unix seconds, by who was let in and to which port of this host: `192.0.2.1 tcp/22`. */
  async ends(): Promise<Map<string, number>> {
    const ends = new Map<string, number>();
    for (const [table, chain] of CHAINS) {
      const { stdout } = await run(this.ns, ['iptables', '-t', table, '-S', chain]);
      for (const line of stdout.split('\n')) {
        const rule = /-s (\S+)\/32 (?:.* )?-p (\w+) .*--dport (\d+) .*_exp_(\d+)/;
        const [, source, protocol, port, seconds] = rule.exec(line) ?? [];
        const what = `${source} ${protocol}/${port}`;
        if (source !== undefined) ends.set(what, Math.max(ends.get(what) ?? 0, Number(seconds)));
      }
    }
    return ends;
  }

  async stop(): Promise<void> {
    await end(this.child);
    this.discard();
  }
}

/** Whether fwknopd starts with an access.conf; else it ends with an error. */
export async function takesAccess(accessText: string): Promise<boolean> {
  const { files, discard } = writeFiles(accessText, 'port 62201');
  try {
    const argv = ['fwknopd', '-f', '--exit-parse-config', '-c', files.config, '-a', files.access];
    return (await runHere(argv)).code === 0;
  } finally {
    discard();
  }
}

function writeFiles(accessText: string, filter: string) {
  const { dir, discard } = scratch('fwknopd');
  mkdirSync(join(dir, 'run'));
  const files = { config: join(dir, 'fwknopd.conf'), access: join(dir, 'access.conf') };
  const settings = [
    'ENABLE_IPT_COMMENT_CHECK Y',
    'ENABLE_SPA_OVER_HTTP Y',
    'ENABLE_IPT_FORWARDING Y',
    'ENABLE_IPT_LOCAL_NAT Y',
    `PCAP_INTF ${LINK}`,
    `PCAP_FILTER ${filter}`,
    `FWKNOP_RUN_DIR ${join(dir, 'run')}`,
  ];
  writeFileSync(files.config, settings.map((line) => `${line};\n`).join(''));
  writeFileSync(files.access, accessText);
  for (const file of Object.values(files)) chmodSync(file, 0o600);
  return { files, discard };
}

async function chainExists(ns: string): Promise<boolean> {
  return (await run(ns, ['iptables', '-S', 'FWKNOP_INPUT'])).code === 0;
}

function textOf({ mode, hmac, key, hmacKey, gpg, more = [] }: Stanza): string {
  const shared = [`KEY_BASE64 ${Buffer.from(key).toString('base64')}`, `ENCRYPTION_MODE ${MODE_NAME[mode]}`];
  return [
    'SOURCE ANY',
    ...(gpg ?? shared),
    ...(hmac === undefined ? [] : [`HMAC_DIGEST_TYPE ${hmac.toUpperCase()}`]),
    ...(hmacKey === undefined ? [] : [`HMAC_KEY_BASE64 ${Buffer.from(hmacKey).toString('base64')}`]),
    'FW_ACCESS_TIMEOUT 200',
    ...more,
    '',
  ].join('\n');
}
