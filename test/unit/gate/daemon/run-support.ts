import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { build } from '../../../../scripts/build.mjs';
import { machineMark, makeGateKey } from '../../../../server-helper/config/keys.ts';
import { pathsFrom } from '../../../../server-helper/paths.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { temporaryFolder } from '../support.ts';

const HMAC_KEY = `HMAC_KEY_BASE64: ${Buffer.alloc(64, 9).toString('base64')}\n`;

/** The content of the key file of a stanza. */
export const FWKNOP_KEYS = `KEY_BASE64: ${Buffer.alloc(32, 8).toString('base64')}\n${HMAC_KEY}`;

/** A folder with a daemon, its part for fwknop, and a configuration with a good stanza of fwknop. */
export async function scene() {
  const folder = temporaryFolder();
  const part = join(folder, 'knockgated-fwknop.cjs');
  const daemon = join(folder, 'knockgated.cjs');
  const manage = join(folder, 'knockgated-manage.cjs');
  await build({
    entries: {
      [daemon]: 'server-helper/main.ts',
      [part]: 'server-helper/fwknop/bundle.ts',
      [manage]: 'server-helper/manage/bundle.ts',
      [join(folder, 'knockgated-answer.cjs')]: 'server-helper/answer/bundle.ts',
    },
  });
  const paths = pathsFrom({ STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder }, join(folder, 'gate.toml'));
  const [knock, fwknop] = [await boundSocket(), await boundSocket()];
  const [knockPort, fwknopPort] = [knock.address().port, fwknop.address().port];
  await Promise.all([knock, fwknop].map(closed));
  const stanza = (name: string, more = '') => `[[fwknop]]\nname = "${name}"\nkey_file = "${folder}/${name}"\n${more}`;
  const gpg = `gpg_key_file = "${folder}/phones"\ngpg_signer_file = "${folder}/phones"\ngpg_signer = "${'A'.repeat(40)}"\n`;
  const gate = `[gate]\ncapture = "socket"\nknock_ports = [${knockPort}]\nfwknop_port = ${fwknopPort}\n`;
  writeFileSync(paths.config, gate + stanza('phones') + stanza('laptops') + stanza('alice', gpg));
  for (const name of ['phones', 'laptops']) writeFileSync(join(folder, name), FWKNOP_KEYS, { mode: 0o600 });
  writeFileSync(join(folder, 'alice'), HMAC_KEY, { mode: 0o600 });
  makeGateKey(nodeCrypto, paths.key, machineMark(), false);
  return { folder, daemon, part, paths, knockPort, fwknopPort };
}

export async function boundSocket(port = 0) {
  const socket = createSocket('udp4').bind(port);
  await once(socket, 'listening');
  return socket;
}

export function closed(socket: ReturnType<typeof createSocket>): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}

/** Runs a daemon, and gives back what it writes into its audit log until it has done something. */
export function start({ daemon, folder, paths }: Awaited<ReturnType<typeof scene>>, more: NodeJS.ProcessEnv = {}) {
  const environment = { PATH: process.env.PATH, STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder, ...more };
  const argv = [daemon, 'run', '--firewall', 'memory', '--config', paths.config];
  const child = spawn(process.execPath, argv, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const until = async (event: string): Promise<string[]> => {
    const said: string[] = [];
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`it ended: ${said.join('\n')}`);
      said.push(value);
      if (value.includes(`"event":"${event}"`)) return said;
    }
  };
  return { child, until };
}
