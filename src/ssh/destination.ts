/** What one gives to ssh to say where to go. */
export interface SshDestination {
  /** An alias of the SSH configuration, a name or an address. */
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

/**
 * Reads `host`, `user@host`, `host:port`, `user@[2001:db8::1]:port`, or a bare IPv6 address.
 * @returns undefined when there is no host in it, or no user before the @ that could be one
 */
export function parsePlainDestination(text: string): SshDestination | undefined {
  const at = text.lastIndexOf('@');
  const user = at > 0 ? text.slice(0, at) : undefined;
  const rest = text.slice(at + 1);
  // A bare IPv6 address has colons of its own.
  const withPort = /^(?:\[([^\]]+)\]|([^:]+))(?::([0-9]{1,5}))?$/.exec(rest);
  const host = withPort?.[1] ?? withPort?.[2] ?? rest;
  const port = Number(withPort?.[3]);
  if (!isHost(host) || (user !== undefined && !isUser(user))) return undefined;
  return { host, user, port: isPort(port) ? port : undefined };
}

/**
 * Whether a text can be a host: as strict as OpenSSH 9.6, since older versions hand `%n` to the shell of a `Match exec`
 * with whatever is in it. A leading hyphen would be read as an option.
 */
export function isHost(text: string): boolean {
  return text !== '' && !text.startsWith('-') && !/[\s\p{Cc}\p{Cf}'"`$\\;&<>|(){}]/u.test(text);
}

/** Whether a text can be a user, likewise: Windows puts a backslash between domain and name. */
function isUser(text: string): boolean {
  return text !== '' && !text.startsWith('-') && !/[\s\p{Cc}\p{Cf}'"`;&<>|(){}]|\\$/u.test(text);
}

/** Whether a number can be that of a port. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}
