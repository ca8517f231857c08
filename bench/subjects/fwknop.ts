import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from '../../test/rig/cleanup.ts';
import { TARGET4 } from '../../test/rig/netns.ts';
import { must } from '../../test/rig/process.ts';
import type { Ground } from '../ground.ts';
import { liveGrants } from '../live-grants.ts';
import { SERVICE_PORT } from '../prober.ts';
import { startDaemon } from './daemon.ts';
import { closeWithIptables, grantWithIptables } from './iptables.ts';
import type { Junk, Load, Running, Subject } from './subject.ts';

export const KNOCK_PORT = 62201;
const JUNK_PACKETS = 8192;
/** A packet of ours has this many characters: base64, the first of these four since "Salted__" is cut off before it. */
const JUNK_LENGTH = 225;
const FIRST_CHARACTERS = '89+/';
/** A rule says in a comment when it ends (unix seconds). */
const GRANT_SECONDS = 3600;

/** fwknopd as Debian configures it: libpcap, a hundred packets each tenth of a second. */
export const fwknopdPcap: Subject = {
  name: 'fwknopd-pcap',
  turns: 1,
  start: (ground, load) => start(ground, load, []),
};

/** fwknopd with a bound socket rather than libpcap; its port must then be let through. */
export const fwknopdUdp: Subject = {
  name: 'fwknopd-udp',
  turns: 1,
  start: (ground, load) => start(ground, load, ['--udp-server']),
};

/** Keys as access.conf has them. */
export interface Keys {
  readonly rijndael: string;
  readonly hmac: string;
}

async function start(ground: Ground, load: Load, options: readonly string[]): Promise<Running> {
  const { target } = ground.pair;
  const { dir, discard } = scratch('fwknop');
  const file = (name: string) => join(dir, name);
  const clients = Array.from({ length: load.clients }, newKeys);
  writeFileSync(file('fwknopd.conf'), 'PCAP_INTF eth0;\n', { mode: 0o600 });
  writeFileSync(file('access.conf'), clients.map(stanza).join(''), { mode: 0o600 });
  mkdirSync(file('run'));
  await closeWithIptables(target, options.length > 0 ? [`-p udp --dport ${KNOCK_PORT}`] : []);
  const files = ['-c', file('fwknopd.conf'), '-a', file('access.conf'), '-r', file('run'), '-p', file('pid')];
  const argv = ['fwknopd', '--foreground', ...options, ...files, '-d', file('digest.cache')];
  const heard = options.length > 0 ? 'Kicking off UDP server' : 'Starting fwknopd main event loop';
  const daemon = await startDaemon(target, argv, heard);
  const ends = Math.floor(Date.now() / 1000) + GRANT_SECONDS;
  await grantWithIptables(target, 'FWKNOP_INPUT', liveGrants(load.grants), `-m comment --comment _exp_${ends} `);
  return {
    clients: clients.length,
    knock: async (n, source) => {
      const keys = clients[n];
      if (keys === undefined) throw new Error(`no client ${n}`);
      return { kind: 'udp', port: KNOCK_PORT, datagram: await packet(keys, source, file('packet')) };
    },
    junk,
    stop: async () => {
      await daemon.stop();
      discard();
    },
  };
}

/** Of the lengths that `fwknop --key-gen` makes. */
export function newKeys(): Keys {
  return { rijndael: randomBytes(32).toString('base64'), hmac: randomBytes(64).toString('base64') };
}

function stanza({ rijndael, hmac }: Keys): string {
  return `SOURCE ANY\nOPEN_PORTS tcp/${SERVICE_PORT}\nKEY_BASE64 ${rijndael}\nHMAC_KEY_BASE64 ${hmac}\n`;
}

/** Makes the packet of the real client, written to a file of that name on the way. */
export async function packet({ rijndael, hmac }: Keys, source: string, file: string): Promise<Uint8Array> {
  rmSync(file, { force: true });
  const what = ['-A', `tcp/${SERVICE_PORT}`, '-a', source, '-D', TARGET4, '--test', '--save-packet', file];
  const keys = ['--key-base64-rijndael', rijndael, '--use-hmac', '--key-base64-hmac', hmac];
  await must(['fwknop', ...what, ...keys, '--no-rc-file', '--no-save-args']);
  return Buffer.from(readFileSync(file, 'latin1').trim(), 'latin1');
}

/** Packets that look like fwknop's. */
export function junk(): Junk {
  const one = () => {
    const text = randomBytes(JUNK_LENGTH).toString('base64').slice(1, JUNK_LENGTH);
    return Buffer.from(`${FIRST_CHARACTERS[randomInt(FIRST_CHARACTERS.length)]}${text}`, 'latin1');
  };
  return { kind: 'udp', port: KNOCK_PORT, packets: Array.from({ length: JUNK_PACKETS }, one) };
}
