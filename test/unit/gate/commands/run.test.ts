import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { build } from '../../../../scripts/build.mjs';
import { addClient, removeClient } from '../../../../server-helper/commands/client.ts';
import { machineMark, makeGateKey } from '../../../../server-helper/config/keys.ts';
import { pathsFrom } from '../../../../server-helper/paths.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { problemOf, temporaryFolder } from '../support.ts';

const KEY = `KEY_BASE64: ${Buffer.alloc(32, 8).toString('base64')}\n`;
const HMAC_KEY = `HMAC_KEY_BASE64: ${Buffer.alloc(64, 9).toString('base64')}\n`;

/** A folder with a daemon, its part for fwknop, and a configuration with a good stanza of fwknop. */
async function scene() {
  const folder = temporaryFolder();
  const part = join(folder, 'knockgated-fwknop.cjs');
  const daemon = join(folder, 'knockgated.cjs');
  const manage = join(folder, 'knockgated-manage.cjs');
  await build({
    entries: {
      [daemon]: 'server-helper/main.ts',
      [part]: 'server-helper/fwknop-part.ts',
      [manage]: 'server-helper/manage-part.ts',
    },
  });
  const paths = pathsFrom({ STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder }, join(folder, 'gate.toml'));
  const [knock, fwknop] = [await boundSocket(), await boundSocket()];
  const [knockPort, fwknopPort] = [knock, fwknop].map((socket) => socket.address().port);
  await Promise.all([knock, fwknop].map(closed));
  const stanza = (name: string, more = '') => `[[fwknop]]\nname = "${name}"\nkey_file = "${folder}/${name}"\n${more}`;
  const gpg = `gpg_key_file = "${folder}/phones"\ngpg_signer_file = "${folder}/phones"\ngpg_signer = "${'A'.repeat(40)}"\n`;
  const gate = `[gate]\ncapture = "socket"\nknock_ports = [${knockPort}]\nfwknop_port = ${fwknopPort}\n`;
  writeFileSync(paths.config, gate + stanza('phones') + stanza('laptops') + stanza('alice', gpg));
  for (const name of ['phones', 'laptops']) writeFileSync(join(folder, name), `${KEY}${HMAC_KEY}`, { mode: 0o600 });
  writeFileSync(join(folder, 'alice'), HMAC_KEY, { mode: 0o600 });
  makeGateKey(nodeCrypto, paths.key, machineMark(), false);
  return { folder, daemon, part, paths, fwknopPort };
}

async function boundSocket(port = 0) {
  const socket = createSocket('udp4').bind(port);
  await once(socket, 'listening');
  return socket;
}

function closed(socket: ReturnType<typeof createSocket>): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}

/** Runs a daemon, and gives back what it writes into its audit log until it has done something. */
function start({ daemon, folder, paths }: Awaited<ReturnType<typeof scene>>) {
  const environment = { PATH: process.env.PATH, STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder };
  const argv = [daemon, 'run', '--firewall', 'memory', '--config', paths.config];
  const child = spawn(process.execPath, argv, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
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

describe('a daemon starts without what is broken of fwknop', () => {
  it('or of a rotation; a reload goes without the same, and nothing else', async () => {
    const made = await scene();
    rmSync(join(made.folder, 'laptops'));
    writeFileSync(made.paths.previousKey, 'x\n', { mode: 0o640 });
    const { child, until } = start(made);
    const said = (await until('armed')).filter((line) => line.includes('"left-out"'));
    expect(said).toEqual([
      expect.stringContaining('the previous key: '),
      expect.stringContaining('[[fwknop]] laptops: '),
      // Its library is not beside this daemon.
      expect.stringContaining('[[fwknop]] alice: '),
    ]);
    // What is whole is heard.
    await expect(boundSocket(made.fwknopPort)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const reload = async (event: 'left-out' | 'reload-failed' | 'reloaded') => {
      child.kill('SIGHUP');
      return (await until(event)).at(-1) ?? '';
    };
    await reload('reloaded');
    const stillOut = [await until('left-out'), await until('left-out'), await until('left-out')];
    expect(stillOut.map((lines) => lines.at(-1)?.replace(/.*"detail"/, ''))).toEqual(
      said.map((line) => line.replace(/.*"detail"/, '')),
    );
    // Broken in another way, since somebody has tried to mend it: that is an error.
    writeFileSync(join(made.folder, 'laptops'), 'no keys\n', { mode: 0o600 });
    expect(await reload('reload-failed')).toContain('laptops');
    writeFileSync(join(made.folder, 'laptops'), `${KEY}${HMAC_KEY}`, { mode: 0o600 });
    rmSync(made.paths.previousKey);
    const mended = [await reload('reloaded'), ...(await until('left-out'))];
    expect(mended.at(-1)).toContain('[[fwknop]] alice: ');
    expect(mended.filter((line) => line.includes('"left-out"'))).toHaveLength(1);
    // What is in force is not lost to a reload.
    rmSync(join(made.folder, 'phones'));
    expect(await reload('reload-failed')).toContain(join(made.folder, 'phones'));
  });

  it('and a client is added or removed beside that', async () => {
    const made = await scene();
    rmSync(join(made.folder, 'laptops'));
    const { until } = start(made);
    await until('armed');
    const key = formatKey(nodeCrypto.publicKey(new Uint8Array(32).fill(7)));
    const line = `knockgate1 client ${key} alice-laptop`;
    const taken = { name: 'alice-laptop', reloaded: true };
    expect(await addClient(made.paths, line, { name: undefined, ports: [] })).toEqual({ ...taken, known: false });
    expect(await removeClient(made.paths, 'alice-laptop')).toEqual({ ...taken, nobody_left: false });
    rmSync(join(made.folder, 'phones'));
    expect((await problemOf(() => addClient(made.paths, line, { name: undefined, ports: [] }))).code).toBe(
      'not-in-force',
    );
  });

  it('such as the part that hears it', async () => {
    const made = await scene();
    rmSync(made.part);
    expect((await start(made).until('armed')).join('\n')).toContain(
      `fwknop_port ${made.fwknopPort}: knockgated-fwknop.cjs`,
    );
  });

  it('such as its port, which another program has', async () => {
    const made = await scene();
    const taken = await boundSocket(made.fwknopPort);
    const { child, until } = start(made);
    const said = `fwknop_port ${made.fwknopPort}: Something listens`;
    expect((await until('armed')).join('\n')).toContain(said);
    child.kill('SIGHUP');
    const lines = [...(await until('reloaded')), ...(await until('left-out')), ...(await until('left-out'))];
    expect(lines.join('\n')).toContain(said);
    // As soon as it is free, a reload is enough.
    await closed(taken);
    child.kill('SIGHUP');
    await until('reloaded');
    await expect(boundSocket(made.fwknopPort)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('and hears it from a reload on when there was nobody to hear', async () => {
    const made = await scene();
    const text = readFileSync(made.paths.config, 'utf8');
    writeFileSync(made.paths.config, text.slice(0, text.indexOf('[[fwknop]]')));
    const { child, until } = start(made);
    await until('armed');
    const taken = await boundSocket(made.fwknopPort);
    writeFileSync(made.paths.config, text.slice(0, text.lastIndexOf('[[fwknop]]')));
    // New, and broken.
    child.kill('SIGHUP');
    expect((await until('reload-failed')).at(-1)).toContain('Something listens');
    await closed(taken);
    child.kill('SIGHUP');
    await until('reloaded');
    await expect(boundSocket(made.fwknopPort)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
