import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { Client, type ConnectConfig } from 'ssh2';
import type { SshDestination } from '../../../src/ssh/destination.ts';
import { type HostConfig, words } from './config.ts';

/** Where ssh looks when the configuration names no key. */
const USUAL_KEY = join(homedir(), '.ssh', 'id_ed25519');
/** As long as ssh2 waits by itself. */
const READY_WITHIN_MS = 20_000;

/**
 * Logs in, with the key that the configuration names. Takes any host key: there is one host in the rig.
 * @throws what ssh2 says, such as `Timed out while waiting for handshake`
 */
export async function logIn({ host, user, port }: SshDestination, config: HostConfig): Promise<Client> {
  const hostName = config.get('hostname') ?? host;
  const sshPort = Number(config.get('port') ?? port ?? 22);
  const username = config.get('user') ?? user ?? 'root';
  const proxy = config.get('proxycommand');
  const sock =
    proxy === undefined ? connect({ host: hostName, port: sshPort }) : through(proxy, hostName, sshPort, host);
  const options: ConnectConfig = {
    sock,
    username,
    privateKey: readFileSync(config.get('identityfile') ?? USUAL_KEY),
    readyTimeout: READY_WITHIN_MS,
  };
  const client = new Client();
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client));
    client.on('error', (error) => {
      sock.destroy();
      reject(error);
    });
    client.connect(options);
  });
}

/** Without a shell: the command is split into words. */
function through(command: string, hostName: string, port: number, host: string): Duplex {
  const values: Record<string, string> = { h: hostName, p: String(port), n: host };
  const [program = '', ...args] = words(command).map((word) =>
    word.replace(/%([hpn])/g, (_, letter: string) => values[letter] ?? ''),
  );
  const { stdin, stdout } = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  return Duplex.from({ writable: stdin, readable: stdout });
}

/** Runs a command on the other side; rejects when the connection ends first. */
export function runThere(client: Client, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const lost = () => reject(new Error('the connection has ended'));
    client.once('close', lost);
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      channel.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      channel.on('close', () => {
        client.off('close', lost);
        resolve(output.trim());
      });
    });
  });
}
