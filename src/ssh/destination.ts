/** A destination as somebody types it after `ssh`. */
export interface SshDestination {
  /** An alias of the SSH configuration, a name or an address. */
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

/**
 * Reads `host`, `user@host`, `host:port`, `user@[2001:db8::1]:port`, a bare IPv6 address, or any of them behind `ssh://`.
 * @returns undefined when the text names no host, or contains something that ssh would refuse
 */
export function parsePlainDestination(text: string): SshDestination | undefined {
  const bare = /^ssh:\/\/([^/]*)\/?$/i.exec(text)?.[1] ?? text;
  if (/^ssh:\/\//i.test(bare)) return undefined;
  const at = bare.lastIndexOf('@');
  const user = at > 0 ? bare.slice(0, at) : undefined;
  const rest = bare.slice(at + 1);
  // The colons of a bare IPv6 address do not begin a port.
  const withPort = /^(?:\[([^\]]+)\]|([^:]+))(?::([0-9]+))?$/.exec(rest);
  const host = withPort?.[1] ?? withPort?.[2] ?? rest;
  const port = withPort?.[3] === undefined ? undefined : Number(withPort[3]);
  const isRefused = at === 0 || (user !== undefined && !isUser(user)) || (port !== undefined && !isPort(port));
  return isRefused || !isHost(host) ? undefined : { host, user, port };
}

/** Writes a destination for ssh, which accepts a port only behind `ssh://`. */
export function formatDestination({ host, user, port }: SshDestination): string {
  const who = user === undefined ? '' : `${user}@`;
  if (port === undefined) return `${who}${host}`;
  return `ssh://${who}${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Whether a text can be a host, as strictly as OpenSSH 9.6 checks it. Older versions put any `%n` into the shell command of
 * a `Match exec`. A leading hyphen would be read as an option.
 */
export function isHost(text: string): boolean {
  return text !== '' && !text.startsWith('-') && !/[\s\p{Cc}\p{Cf}'"`$\\;&<>|(){}]/u.test(text);
}

/** Whether a text can be a user, as strictly. Windows puts a backslash between domain and name. */
export function isUser(text: string): boolean {
  return text !== '' && !text.startsWith('-') && !/[\s\p{Cc}\p{Cf}'"`;&<>|(){}]|\\$/u.test(text);
}

/** Whether a number is a port number. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}
