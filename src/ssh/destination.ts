/** Destination as ssh is given it. */
export interface SshDestination {
  /** An alias of the SSH configuration, a name or an address. */
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

/**
 * Reads `host`, `user@host`, `host:port`, `user@[2001:db8::1]:port`, a bare IPv6 address, or any of them behind `ssh://`.
 * @returns undefined when there is no host in it, or something that ssh would refuse
 */
export function parsePlainDestination(text: string): SshDestination | undefined {
  const bare = /^ssh:\/\/([^/]*)\/?$/i.exec(text)?.[1] ?? text;
  if (/^ssh:\/\//i.test(bare)) return undefined;
  const at = bare.lastIndexOf('@');
  const user = at > 0 ? bare.slice(0, at) : undefined;
  const rest = bare.slice(at + 1);
  // A bare IPv6 address has colons of its own.
  const withPort = /^(?:\[([^\]]+)\]|([^:]+))(?::([0-9]+))?$/.exec(rest);
  const host = withPort?.[1] ?? withPort?.[2] ?? rest;
  const port = withPort?.[3] === undefined ? undefined : Number(withPort[3]);
  const isRefused = at === 0 || (user !== undefined && !isUser(user)) || (port !== undefined && !isPort(port));
  return isRefused || !isHost(host) ? undefined : { host, user, port };
}

/** A destination as ssh takes it: a port can only be named behind `ssh://`. */
export function formatDestination({ host, user, port }: SshDestination): string {
  const who = user === undefined ? '' : `${user}@`;
  if (port === undefined) return `${who}${host}`;
  return `ssh://${who}${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Whether a text can be a host: as strict as OpenSSH 9.6, since older versions hand `%n` to the shell of a `Match exec`
 * with whatever is in it. A leading hyphen would be read as an option.
 */
export function isHost(text: string): boolean {
  return text !== '' && !text.startsWith('-') && !/[\s\p{Cc}\p{Cf}'"`$\\;&<>|(){}]/u.test(text);
}

/** Whether a text can be a user, in the same way: Windows puts a backslash between domain and name. */
export function isUser(text: string): boolean {
  return text !== '' && !text.startsWith('-') && !/[\s\p{Cc}\p{Cf}'"`;&<>|(){}]|\\$/u.test(text);
}

/** Whether a number can be that of a port. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}
