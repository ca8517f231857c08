import type { Socket } from 'node:net';
import type { Probe } from '../client/network/wait.ts';
import { untilCancelled } from './connection/interruptible.ts';
import type { Login } from './connection/login.ts';
import type { Remote } from './connection/remote.ts';
import type { Device } from './device.ts';

export interface LoginInput {
  /** Name in the client's list of hosts. */
  readonly host: string;
  readonly login: Login;
  readonly device: Device;
  readonly probe: Probe;
  readonly resolve: (name: string) => Promise<readonly string[]>;
  readonly signal: AbortSignal;
}

/** Milliseconds to wait after a knock. */
export const KNOCK_MS = 10_000;

/** Logs in, unless the person cancels it. If this device knows a gate in front of the server, it knocks first. */
export async function logIn({ host, login, device, probe, resolve, signal }: LoginInput): Promise<Remote> {
  const { hostName, port } = login.settings;
  const open = (socket?: Socket) => untilCancelled(login.open(socket), host, signal, (remote) => void remote.close());
  if (device.known === undefined) return open();
  const addresses = await resolve(hostName).catch(() => [hostName]);
  const [address = hostName] = addresses;
  const probed = await probe(address, port, 1500, signal);
  if (probed.kind === 'open') {
    probed.socket.destroy();
    return open();
  }
  const asking = { host, address: hostName, port, seconds: 0, timeoutMs: KNOCK_MS };
  const { socket } = await device.knock(device.known, asking, signal);
  return open(socket);
}
