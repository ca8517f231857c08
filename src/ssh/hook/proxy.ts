import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { carry } from '../../client/network/carry.ts';
import { probeTcp } from '../../client/network/probe.ts';
import { resolveBySystem } from '../../client/network/resolve.ts';
import type { Probed } from '../../client/network/wait.ts';
import { openStdout } from '../../os/standard-output.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { askToOpen } from './ask.ts';

/** Milliseconds to wait for the extension: longer than it takes to answer. */
const OPEN_WITHIN_MS = 5000;
/** Milliseconds to connect to one address. The system has sent its SYN five times by then. */
const CONNECT_WITHIN_MS = 20_000;
/** Milliseconds for the server to close the connection after the program that used it has ended. */
const CLOSE_WITHIN_MS = 1000;
const FAILED = 1;

/**
 * The ProxyCommand: asks the extension to open the port, connects, and carries the bytes over standard input and output. If
 * no editor runs, it connects at once. It prints nothing unless something goes wrong; then one line on standard error says
 * what.
 * @param destination HOST and PORT, as ssh expands `%h` and `%p`
 * @returns the exit code
 */
export async function proxy(socketPath: string, alias: string, destination: readonly string[]): Promise<number> {
  const [host = '', portText = ''] = destination;
  const port = Number(portText);
  const isPort = /^[1-9][0-9]{0,4}$/.test(portText) && port < 65_536;
  if (!isAlias(alias) || !isHostName(host) || !isPort || destination.length > 2)
    return fail('the SSH configuration must run this program with the name of a host, %h and %p.');
  if (!process.env.KNOCKGATE_HOOK_OFF) await askToOpen(socketPath, alias, port, OPEN_WITHIN_MS);
  const socket = await connectTo(alias, host, port);
  return socket === undefined ? FAILED : await carryOver(alias, socket);
}

/** Whether a text can be the name of a host with a hook. */
function isAlias(text: string): boolean {
  return /^[A-Za-z0-9._][A-Za-z0-9._-]*$/.test(text);
}

/**
 * Whether a text is a name or an address, perhaps with the zone of a local IPv6 address. Characters that a terminal obeys
 * are excluded.
 */
function isHostName(text: string): boolean {
  return /^[\p{L}\p{M}\p{N}._:][\p{L}\p{M}\p{N}._:%-]*$/u.test(text);
}

/** Tries the addresses of a name in the system's order, as ssh does; undefined when none took the connection. */
async function connectTo(alias: string, host: string, port: number): Promise<Socket | undefined> {
  let addresses: readonly string[];
  try {
    addresses = await resolveBySystem(host);
  } catch (error) {
    fail(`${alias}: no address was found for ${host} (${systemErrorCode(error) ?? error}).`);
    return undefined;
  }
  const failures: string[] = [];
  for (const address of addresses) {
    const probed = await probeTcp(address, port, CONNECT_WITHIN_MS, new AbortController().signal);
    if (probed.kind === 'open') return probed.socket;
    failures.push(`${address} ${reason(probed)}`);
  }
  fail(`${alias}: no connection to port ${port} of ${host}: ${failures.join('; ')}.`);
  return undefined;
}

function reason(probed: Exclude<Probed, { kind: 'open' }>): string {
  if (probed.kind === 'refused') return 'refused it';
  return probed.kind === 'silent' ? 'did not answer' : `cannot be reached (${probed.code})`;
}

async function carryOver(alias: string, socket: Socket): Promise<number> {
  socket.setKeepAlive(true);
  const input = process.stdin;
  const end = await carry(input, socket, openStdout(), whenLeft(input));
  return end.kind === 'lost' ? fail(`${alias}: the connection broke (${end.code}).`) : 0;
}

/**
 * Aborts when the program that used the connection has ended and the server does not close it. A hang-up or Ctrl-C does not
 * prove that it has ended: this process gets them too when a terminal closes and ssh goes on in the background
 * (ControlPersist). The input ends only when no process holds its other end.
 */
function whenLeft(input: Readable): AbortSignal {
  const left = new AbortController();
  let isHungUp = false;
  const look = () => {
    if (isHungUp && input.readableEnded) setTimeout(() => left.abort(), CLOSE_WITHIN_MS).unref();
  };
  for (const signal of ['SIGHUP', 'SIGINT'] as const)
    process.on(signal, () => {
      isHungUp = true;
      look();
    });
  input.on('end', look);
  return left.signal;
}

function fail(what: string): number {
  process.stderr.write(`knockgate: ${what}\n`);
  return FAILED;
}
