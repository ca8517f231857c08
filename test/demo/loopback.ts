import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { atEnd, scratch } from '../rig/cleanup.ts';
import { gateFolders } from '../rig/gate-folders.ts';
import { type Finished, must, runHere, sleep } from '../rig/process.ts';
import type { Programs } from './hosts.ts';
import { freeUdpPort, type Relay, startRelay } from './relay.ts';
import { hold } from './timeline.ts';

/** Greeting of the server behind the hidden port. */
export const GREETING = 'Hello from the hidden port.';

const ADDRESS = '127.0.0.1';

/** Client, relay, daemon and a server, all on this machine's loopback, with no privilege at all. */
export interface Loopback {
  /** The TCP port that the daemon would hide. */
  port: number;
  /** The UDP port on which it hears knocks. */
  knockPort: number;
  relay: Relay;
  /** Audit lines of the daemon so far, one JSON object each. */
  audit(): string;
  /** Runs the client. */
  knockgate(...args: string[]): Promise<Finished>;
  /** Runs a subcommand of the daemon's program and returns what it printed. */
  knockgated(...args: string[]): Promise<string>;
}

/** Starts everything but the client. `grantSeconds`: what the client asks for. */
export async function buildLoopback({ daemon, cli }: Programs, grantSeconds: number): Promise<Loopback> {
  const { dir } = scratch('demo');
  const [home, config] = [join(dir, 'home'), join(dir, 'gate.toml')];
  mkdirSync(home, { mode: 0o700 });
  const clientEnv = { ...process.env, HOME: home, XDG_CONFIG_HOME: home };
  const gateEnv = { ...process.env, ...gateFolders(join(dir, 'state'), join(dir, 'run')) };
  const knockgate = (...args: string[]) => runHere([process.execPath, cli, ...args], { env: clientEnv });
  const knockgated = (...args: string[]) =>
    must([process.execPath, daemon, ...args, '--config', config], { env: gateEnv });

  const [port, knockPort] = [await startServer(), await freeUdpPort()];
  const enrolled = await knockgate('keygen', '--name', 'alice-laptop');
  const key = /^knockgate1 client (\S+)/m.exec(enrolled.stdout)?.[1];
  hold(key !== undefined, `the client made no key: ${enrolled.stderr}`);
  const gate = { ports: [`tcp/${port}`], knock_ports: [knockPort], capture: 'socket' };
  writeFileSync(config, stringify({ gate, client: [{ name: 'alice-laptop', key }] }));
  const line = await knockgated('key', '--address', ADDRESS, '--name', 'target');
  await knockgate('add', line.trim());
  const relay = await startRelay(knockPort);
  const asks = { knockPorts: [relay.port], ports: [`tcp/${port}`], duration: grantSeconds };
  appendFileSync(join(home, 'knockgate/hosts.toml'), stringify(asks));

  const argv = [daemon, 'run', '--firewall', 'memory', '--config', config];
  const audit = await startDaemon(spawn(process.execPath, argv, { env: gateEnv, stdio: ['ignore', 'ignore', 'pipe'] }));
  return { port, knockPort, relay, audit, knockgate, knockgated };
}

/** Waits until the daemon is armed; the result gives what it has written to its audit log. */
async function startDaemon(child: ChildProcess): Promise<() => string> {
  atEnd(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  for (let tries = 0; !said.includes('"armed"'); tries += 1) {
    hold(child.exitCode === null && tries < 1000, `the daemon does not start: ${said}`);
    await sleep(10);
  }
  return () => said;
}

function startServer(): Promise<number> {
  const server = createServer((socket) => {
    // Those who only look whether it is open leave at once.
    socket.on('error', () => {});
    socket.end(`${GREETING}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, ADDRESS, () => resolve((server.address() as AddressInfo).port));
  });
}
