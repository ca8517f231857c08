import { createHmac } from 'node:crypto';
import { matchesPieces, piecesOf } from '../../ssh/wildcard.ts';

/** Verdict of the known_hosts files on a key that a host has shown. */
export type HostKeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  /** The host has other keys there. `where` is file and line of one. */
  | { readonly kind: 'changed'; readonly where: string }
  | { readonly kind: 'revoked'; readonly where: string };

/** A line of a known_hosts file; sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
export interface KnownHost {
  readonly marker: '@revoked' | '@cert-authority' | undefined;
  /** The pattern list or the hashed name. */
  readonly names: string;
  readonly type: string;
  /** Base64. */
  readonly key: string;
  /** `FILE:LINE` */
  readonly where: string;
}

/** Reads a known_hosts file. Skips lines of any other form, as ssh does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === undefined || words[0] === '' || words[0].startsWith('#')) return [];
    const marker = words[0].startsWith('@') ? words.shift() : undefined;
    if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return [];
    const [names, type, key] = words;
    if (names === undefined || type === undefined || key === undefined) return [];
    return [{ marker, names, type, key, where: `${file}:${i + 1}` }];
  });
}

/** Name to look a host up by: its alias as it is, or its name with a port that is not 22. */
export function knownName(hostName: string, port: number, alias: string | undefined): string {
  if (alias !== undefined) return alias.toLowerCase();
  const name = hostName.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Finds the lines about a host. */
export function linesFor(name: string, lines: readonly KnownHost[]): KnownHost[] {
  return lines.filter(({ names }) => (names.startsWith('|1|') ? isHashOf(names, name) : matchesPatterns(names, name)));
}

/**
 * Judges a key. It is stricter than ssh in one thing: a known host is asked for the kinds of key that are known, so any other key
 * counts as changed.
 * @param lines those of `linesFor`
 * @param key base64 of the key blob
 */
export function judgeHostKey(lines: readonly KnownHost[], key: string): HostKeyVerdict {
  const revoked = lines.find((line) => line.marker === '@revoked' && line.key === key);
  if (revoked !== undefined) return { kind: 'revoked', where: revoked.where };
  const plain = lines.filter(({ marker }) => marker === undefined);
  if (plain.some((line) => line.key === key)) return { kind: 'known' };
  const other = plain[0];
  return other === undefined ? { kind: 'unknown' } : { kind: 'changed', where: other.where };
}

/** Whether certificates vouch for a host: only the system's ssh can check those. */
export function hasAuthority(lines: readonly KnownHost[]): boolean {
  return lines.some(({ marker }) => marker === '@cert-authority');
}

/** Kinds of key by which a host is known. */
export function knownTypes(lines: readonly KnownHost[]): string[] {
  return [...new Set(lines.filter(({ marker }) => marker === undefined).map(({ type }) => type))];
}

/** Line to add for a host that a person has accepted; with a salt, its name is hashed. */
export function knownHostLine(name: string, type: string, key: string, salt: Uint8Array | undefined): string {
  return `${salt === undefined ? name : hashed(name, Buffer.from(salt))} ${type} ${key}\n`;
}

/** `|1|SALT|HMAC-SHA1(SALT, name)`, both base64. */
function hashed(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

function isHashOf(names: string, name: string): boolean {
  const salt = Buffer.from(names.split('|')[2] ?? '', 'base64');
  return hashed(name, salt) === names;
}

function matchesPatterns(list: string, name: string): boolean {
  // Only `*` and `?` are special: brackets surround a name with a port.
  const patterns = list.toLowerCase().split(',');
  const matches = (pattern: string) => matchesPieces(piecesOf(pattern), name);
  const refused = patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)));
  return !refused && patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}
