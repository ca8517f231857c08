import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { parseClientLine } from '../../../src/spa/enrolment.ts';
import { openMessage } from '../../../src/spa/message.ts';
import { pairKeys } from '../../../src/spa/outer.ts';
import type { AccessRequest } from '../../../src/spa/payload.ts';
import { temporaryFolder } from '../client/support.ts';
import { gateLine } from './support.ts';

/** The bundle as it is shipped, run as a process of its own. */
let folder: string;
let program: string;
beforeEach(async () => {
  folder = temporaryFolder();
  program = join(folder, 'knockgate.cjs');
  await build({
    external: ['*/deploy/main.ts'],
    entryPoints: [fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    target: 'node18',
    format: 'cjs',
    outfile: program,
  });
});

function start(...argv: string[]): ChildProcess {
  return spawn(process.execPath, [program, ...argv], {
    env: { ...process.env, XDG_CONFIG_HOME: folder, APPDATA: folder },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function finish({ stdout, stderr }: ChildProcess, ended: Promise<unknown[]>) {
  const [out, err] = await Promise.all([stdout && text(stdout), stderr && text(stderr)]);
  const [code] = await ended;
  return { code, out: out ?? '', err: err ?? '' };
}

async function knockgate(...argv: string[]) {
  const child = start(...argv);
  child.stdin?.end();
  return finish(child, once(child, 'exit'));
}

/** A gate on loopback: the server listens once a genuine knock of this client has come. */
async function gate(clientLine: string) {
  const gatePrivate = new Uint8Array(32).fill(2);
  const keys = pairKeys(nodeCrypto, 'gate', gatePrivate, parseClientLine(clientLine).key);
  const requests: AccessRequest[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.write('hello\n');
    socket.pipe(socket);
  });
  // A port that is free now is taken by the server later.
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const udp = createSocket('udp4');
  udp.on('message', (datagram) => {
    const opened = openMessage(nodeCrypto, keys, gatePrivate, datagram);
    if (opened.ok && requests.push(opened.request) === 1) server.listen(port, '127.0.0.1');
  });
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  onTestFinished(() => {
    udp.close();
    server.close();
  });
  return { port, requests, line: gateLine('prod', ['127.0.0.1'], [udp.address().port]) };
}

describe('the program', () => {
  it('makes a key, takes a gate, knocks, and uses the open door again', async () => {
    const { out: clientLine } = await knockgate('keygen');
    const { line, port, requests } = await gate(clientLine);
    expect(await knockgate('add', line)).toMatchObject({ code: 0 });
    const first = await knockgate('knock', 'prod', '--port', `tcp/${port}`);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(new RegExp(`^prod: open after \\d+ ms \\(127\\.0\\.0\\.1 tcp/${port}\\)\n$`));
    expect(requests[0]?.ports).toEqual([{ protocol: 'tcp', port }]);
    const sent = requests.length;
    const again = await knockgate('knock', 'prod', '--port', `tcp/${port}`, '--json');
    expect(JSON.parse(again.out)).toMatchObject({ host: 'prod', open: true, port: `tcp/${port}`, knocks: 0 });
    expect(requests).toHaveLength(sent);
    await knockgate('knock', 'prod', '--port', `tcp/${port}`, '--force');
    expect(requests.length).toBeGreaterThan(sent);
  });

  it('carries the connection that got through, quietly, to the end of both sides', async () => {
    const { out: clientLine } = await knockgate('keygen');
    const { line, port } = await gate(clientLine);
    const child = start('connect', 'prod', String(port), '--gate', line);
    const done = finish(child, once(child, 'exit'));
    child.stdin?.end('and back\n');
    expect(await done).toMatchObject({ code: 0, out: 'hello\nand back\n', err: '' });
  });

  it('closes its output when the server does, though the input goes on', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('bye\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    await knockgate('keygen');
    const child = start('connect', 'p', String((server.address() as AddressInfo).port), '--gate', gateLine());
    const ended = once(child, 'exit');
    // This would never end if the program kept its output open until its input ends.
    expect(child.stdout && (await text(child.stdout))).toBe('bye\n');
    child.stdin?.end();
    expect((await ended)[0]).toBe(0);
  });

  it('writes into a file as well as into a pipe', async () => {
    const { out: clientLine } = await knockgate('keygen');
    const { line, port } = await gate(clientLine);
    const file = openSync(join(folder, 'output'), 'w');
    const child = spawn(process.execPath, [program, 'connect', 'prod', String(port), '--gate', line], {
      env: { ...process.env, XDG_CONFIG_HOME: folder, APPDATA: folder },
      stdio: ['pipe', file, 'inherit'],
    });
    child.stdin?.end('and back\n');
    expect((await once(child, 'exit'))[0]).toBe(0);
    closeSync(file);
    expect(readFileSync(join(folder, 'output'), 'utf8')).toBe('hello\nand back\n');
  });

  it('ends quietly when its reader goes away', async () => {
    await knockgate('keygen');
    const { line, port } = await gate((await knockgate('pubkey')).out);
    const child = start('connect', 'prod', String(port), '--gate', line);
    const ended = once(child, 'exit');
    const err = child.stderr && text(child.stderr);
    if (child.stdout) await once(child.stdout, 'data');
    child.stdout?.destroy();
    child.stdin?.on('error', () => {});
    child.stdin?.write('more\n');
    expect((await ended)[0]).toBe(0);
    expect(await err).toBe('');
  });

  it('says so when the connection breaks', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.resetAndDestroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    await knockgate('keygen');
    const child = start('connect', 'p', String((server.address() as AddressInfo).port), '--gate', gateLine());
    const done = finish(child, once(child, 'exit'));
    child.stdin?.write('hello\n');
    expect(await done).toMatchObject({ code: 11, out: '', err: expect.stringContaining('ECONNRESET') });
  });

  it('ends with 13 on Ctrl-C', async () => {
    await knockgate('keygen');
    const udp = createSocket('udp4').bind(0, '127.0.0.1');
    onTestFinished(() => {
      udp.close();
    });
    await once(udp, 'listening');
    const line = gateLine('p', ['127.0.0.1'], [udp.address().port]);
    // Waves of knocks are to follow the first.
    const child = start('knock', 'p', '--gate', line, '--port', 'udp/9');
    const done = finish(child, once(child, 'exit'));
    await once(udp, 'message');
    child.kill('SIGINT');
    expect(await done).toMatchObject({ code: 13, out: '', err: 'knockgate: p: cancelled.\n' });
  });
});
