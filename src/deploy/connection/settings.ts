import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnAccount } from '../../ssh/own-account.ts';
import { printedSettings, splitPaths } from '../../ssh/printed-settings.ts';

/** Settings that ssh would really use for a host, as `ssh -G` prints them: all that a login needs. */
export interface SshSettings {
  /** Alias, as it was asked for. */
  readonly alias: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Path of the agent's socket; undefined for none. */
  readonly agent: string | undefined;
  /** `a,user@b:2222` as written; undefined for none. */
  readonly proxyJump: string | undefined;
  /** Command with its tokens, as written; undefined for none. */
  readonly proxyCommand: string | undefined;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hostKeyAlias: string | undefined;
  readonly strictHostKeyChecking: string;
  /** Whether new lines of known_hosts are hashed. */
  readonly hashKnownHosts: boolean;
  /** All settings as printed, by their names in small letters. */
  readonly all: ReadonlyMap<string, string>;
}

/** Account that logs in, and its computer: for `~`, `%d`, `%u` and the agent. */
export interface Here extends OwnAccount {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads what `ssh -G ALIAS` prints (ssh_config(5) has the keywords).
 * @returns undefined when it names no host or no user
 */
export function parseSettings(
  alias: string,
  output: string,
  here: Here,
  platform: NodeJS.Platform = process.platform,
): SshSettings | undefined {
  const lines = printedSettings(output);
  const all = new Map<string, string>();
  for (const { keyword, value } of lines) if (!all.has(keyword)) all.set(keyword, value);
  const one = (keyword: string) => {
    const value = all.get(keyword);
    return value === undefined || value === '' || value.toLowerCase() === 'none' ? undefined : value;
  };
  const hostName = one('hostname');
  const user = one('user');
  const port = Number(one('port') ?? '22');
  if (hostName === undefined || user === undefined || !Number.isInteger(port)) return undefined;
  const each = (keyword: string) => lines.filter((line) => line.keyword === keyword).map(({ value }) => value);
  const expand = (path: string) => expandPath(path, { here, hostName, user, port, alias });
  const listed = (keyword: string) => splitPaths(all.get(keyword) ?? '', (path) => existsSync(expand(path)));
  const files = (paths: readonly string[]) => paths.filter((path) => path.toLowerCase() !== 'none').map(expand);
  return {
    alias,
    hostName,
    port,
    user,
    identityFiles: files(each('identityfile')),
    certificateFiles: files(each('certificatefile')),
    identitiesOnly: one('identitiesonly') === 'yes',
    agent: agentOf(all.get('identityagent'), expand, here, platform),
    proxyJump: one('proxyjump'),
    proxyCommand: one('proxycommand'),
    userKnownHostsFiles: files(listed('userknownhostsfile')),
    globalKnownHostsFiles: files(listed('globalknownhostsfile')),
    hostKeyAlias: one('hostkeyalias'),
    strictHostKeyChecking: one('stricthostkeychecking') ?? 'ask',
    hashKnownHosts: one('hashknownhosts') === 'yes',
    all,
  };
}

/** Agent that is a service of Windows; no variable names it. */
const WINDOWS_AGENT = '\\\\.\\pipe\\openssh-ssh-agent';

function agentOf(
  setting: string | undefined,
  expand: (path: string) => string,
  here: Here,
  platform: NodeJS.Platform,
): string | undefined {
  if (setting?.toLowerCase() === 'none') return undefined;
  if (setting === undefined || setting === 'SSH_AUTH_SOCK')
    return here.env.SSH_AUTH_SOCK ?? (platform === 'win32' ? WINDOWS_AGENT : undefined);
  if (setting.startsWith('$')) return here.env[setting.replace(/^\$\{?|\}$/g, '')];
  return expand(setting);
}

/** Whether a path of `expandPath` still has parts that only ssh can fill in: another account's home, a token, a variable. */
export function isUnexpanded(path: string): boolean {
  return /^~|%[A-Za-z]|\$\{/.test(path);
}

/** Values of tokens; ssh_config(5), "TOKENS". */
export interface TokenValues {
  readonly here: Here;
  readonly alias: string;
  readonly hostName: string;
  readonly user: string;
  readonly port: number;
}

function expandPath(path: string, values: TokenValues): string {
  const { home, env } = values.here;
  const own = path.startsWith('~/') ? join(home, path.slice(2)) : path;
  // ssh.exe of Windows prints this for the folder of all users.
  const shared = own.replace(/^__PROGRAMDATA__/, () => env.ProgramData ?? 'C:\\ProgramData');
  const named = shared.replace(/\$\{(\w+)\}/g, (text, name: string) => env[name] ?? text);
  return expandTokens(named, values);
}

/** Replaces `%h`, `%p`, `%r`, `%n`, `%d`, `%u` and `%%`; other tokens stay as they are. */
export function expandTokens(text: string, { here, alias, hostName, user, port }: TokenValues): string {
  const values: Record<string, string | undefined> = {
    h: hostName,
    n: alias,
    p: String(port),
    r: user,
    d: here.home,
    u: here.user,
    '%': '%',
  };
  return text.replace(/%(.)/g, (token, letter: string) => values[letter] ?? token);
}
