import { systemErrorCode } from '../os/system-error.ts';
import type { Remote } from './connection/remote.ts';
import type { LoginInput } from './log-in.ts';

/**
 * Learns from which address the server sees this device come, and notes it for later knocks.
 * @returns that address; undefined when another host is on the way, or no gate is known
 */
export async function learnOwnAddress(
  remote: Remote,
  { login, device, resolve }: LoginInput,
): Promise<string | undefined> {
  const { hostName, proxyJump, proxyCommand } = login.settings;
  if (device.known === undefined || proxyJump !== undefined || proxyCommand !== undefined) return undefined;
  const { stdout } = await remote.run(['printenv', 'SSH_CONNECTION']);
  const [seen = '', , server = ''] = stdout.trim().split(' ');
  const addresses = await resolve(hostName).catch(() => [hostName]);
  // A server behind a NAT of its own sees another address of itself than ours: the address that was connected to is unknown then.
  const address = addresses.length === 1 ? addresses[0] : addresses.find((each) => each === server);
  if (address === undefined) return seen;
  try {
    await device.noteSeen(device.known, address, seen);
  } catch (error) {
    // Without a way for knocks there is nothing to note.
    if (systemErrorCode(error) === undefined) throw error;
  }
  return seen;
}
