import { createHash } from 'node:crypto';
import { inWords, phrase } from '../../../base/phrase.ts';
import { type HostKeyVerdict, judgeHostKey, type KnownHost, knownHostLine, knownTypes } from '../known-hosts.ts';
import { hostKeyChanged, hostKeyDeclined, hostKeyRevoked, hostKeyUnknown } from '../problems.ts';
import type { HostKey, Prompts } from '../remote.ts';
import type { SshSettings } from '../settings.ts';

/** Names of signature algorithms of a kind of key, best first: RFC 8332 gave RSA keys two more. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Algorithms to ask a host for: the kinds by which it is known come first, since it may have others. */
export function hostKeyAlgorithms(lines: readonly KnownHost[]): string[] {
  const types = [...knownTypes(lines), ...Object.keys(ALGORITHMS)];
  return [...new Set(types.flatMap((type) => ALGORITHMS[type] ?? []))];
}

/** Reads the kind of a key out of its blob (RFC 4253, section 6.6: a string with a 32-bit length), and its fingerprint. */
export function describeHostKey(blob: Uint8Array): HostKey {
  const bytes = Buffer.from(blob);
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  const digest = createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '');
  const type = bytes.toString('latin1', 4, 4 + length);
  // The other side chose this name: an unknown one is not shown.
  return { type: /^[a-z0-9@.-]{1,64}$/.test(type) ? type : 'unknown', fingerprint: `SHA256:${digest}` };
}

export interface HostKeyIo {
  readonly prompts: Prompts;
  /** Adds a line to the first of the person's known_hosts files. */
  readonly remember: (line: string) => void;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** Settings of StrictHostKeyChecking with which ssh accepts an unknown key without asking; `ssh -G` prints `no` as `false`. */
const TAKES_NEW = ['accept-new', 'no', 'off', 'false'];

function withoutPort(lines: readonly KnownHost[], key: string): HostKeyVerdict {
  const verdict = judgeHostKey(lines, key);
  return verdict.kind === 'changed' ? { kind: 'unknown' } : verdict;
}

/**
 * Accepts a key, or says why not. A person is asked about an unknown key; an accepted one is remembered.
 * @param name as known_hosts has the host
 * @param known the lines of known_hosts about it, and those about its name without a port
 * @throws Problem `host-key-changed`, `host-key-revoked`, `host-key-unknown`, `host-key-declined`
 */
export async function checkHostKey(
  blob: Uint8Array,
  name: string,
  known: { readonly lines: readonly KnownHost[]; readonly portless: readonly KnownHost[] },
  settings: SshSettings,
  io: HostKeyIo,
): Promise<HostKey> {
  const base64 = Buffer.from(blob).toString('base64');
  const key = describeHostKey(blob);
  const withPort = judgeHostKey(known.lines, base64);
  const verdict = withPort.kind === 'unknown' ? withoutPort(known.portless, base64) : withPort;
  if (verdict.kind === 'changed') throw hostKeyChanged(name, key, verdict.where);
  if (verdict.kind === 'revoked') throw hostKeyRevoked(name, key, verdict.where);
  if (verdict.kind === 'known') return key;
  if (settings.strictHostKeyChecking === 'yes' || settings.strictHostKeyChecking === 'true')
    throw hostKeyUnknown(name, key);
  if (!TAKES_NEW.includes(settings.strictHostKeyChecking)) {
    const question = phrase('Is this the fingerprint of {0}?', name);
    const detail = phrase(
      '{0} is not known yet. It shows a key of the kind {1} with the fingerprint\n{2}\nCompare it with the one that the server’s own console or its provider shows.',
      name,
      key.type,
      key.fingerprint,
    );
    if (!(await io.prompts.confirm(inWords(question), inWords(detail)))) throw hostKeyDeclined(name);
  }
  io.remember(knownHostLine(name, key.type, base64, settings.hashKnownHosts ? io.randomBytes(20) : undefined));
  return key;
}
