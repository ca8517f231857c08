import { fieldsOf, parseJson } from '../base/loose-json.ts';
import { isHost, isPort, parsePlainDestination, type SshDestination } from './destination.ts';

const PREFIX = 'ssh-remote+';

/**
 * Reads the authority of a window: plain (`ssh-remote+prod`), hex-encoded JSON (how Remote-SSH writes capitals, user and
 * port, which an authority cannot hold), with escapes such as `\x45` (Open Remote - SSH), or nested behind another
 * (`dev-container+…@ssh-remote+prod`).
 * @returns undefined when the window does not go over SSH, or when nothing in it could be a host
 */
export function parseSshAuthority(authority: string): SshDestination | undefined {
  const nested = authority.lastIndexOf(`@${PREFIX}`);
  const start = nested >= 0 ? nested + 1 : 0;
  if (!authority.startsWith(PREFIX, start)) return undefined;
  const encoded = authority.slice(start + PREFIX.length);
  return fromHexJson(encoded) ?? parsePlainDestination(withoutEscapes(encoded));
}

/**
 * The authority of a window to a host. Authorities are compared without regard to case, so a name with capitals, a user or a
 * port is hex-encoded JSON, which every extension for SSH windows reads.
 */
export function formatSshAuthority({ host, user, port }: SshDestination): string {
  if (user === undefined && port === undefined && isPlain(host)) return `${PREFIX}${host}`;
  const json = JSON.stringify({ hostName: host, user, port });
  return `${PREFIX}${Buffer.from(json, 'utf8').toString('hex')}`;
}

/** Whether a name can be written plainly: no reader mistakes it for hex-encoded JSON. */
function isPlain(host: string): boolean {
  return /^[a-z0-9._-]+$/.test(host) && fromHexJson(host) === undefined;
}

function fromHexJson(text: string): SshDestination | undefined {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return undefined;
  const { hostName, user, port } = fieldsOf(parseJson(Buffer.from(text, 'hex').toString('utf8')));
  if (typeof hostName !== 'string' || !isHost(hostName)) return undefined;
  return {
    host: hostName,
    user: typeof user === 'string' && user !== '' ? user : undefined,
    port: isPort(Number(port)) ? Number(port) : undefined,
  };
}

function withoutEscapes(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
