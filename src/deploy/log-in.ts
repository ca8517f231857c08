import type { Probe } from '../client/network/wait.ts';
import type { GateEnrolment } from '../spa/enrolment.ts';
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

/** Logs in on the host of a known gate: knocks at once, since an answer without a knock would be waited for in vain. */
export async function logInBehindGate(input: LoginInput, gate: GateEnrolment): Promise<Remote> {
  const { host, device, login, signal } = input;
  const { hostName, port } = login.settings;
  const asking = { host, address: hostName, port, seconds: 0, timeoutMs: KNOCK_MS };
  const { socket } = await device.knock(gate, asking, signal);
  return untilCancelled(login.open(socket), host, signal, (remote) => void remote.close());
}

/** Logs in, unless the person cancels it. If this device knows a gate in front of the server, it knocks first. */
export async function logIn(input: LoginInput): Promise<Remote> {
  const { host, login, device, probe, resolve, signal } = input;
  const { hostName, port } = login.settings;
  const open = () => untilCancelled(login.open(), host, signal, (remote) => void remote.close());
  if (device.known === undefined) return open();
  const addresses = await resolve(hostName).catch(() => [hostName]);
  const [address = hostName] = addresses;
  const probed = await probe(address, port, 1500, signal);
  if (probed.kind === 'open') {
    probed.socket.destroy();
    return open();
  }
  return logInBehindGate(input, device.known);
}
