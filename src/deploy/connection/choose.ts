import { type Phrase, phrase } from '../../base/phrase.ts';
import { isUnexpanded, type SshSettings } from './settings.ts';

/** Choice between the two ways: the one that a person has asked for, or the library with the system's ssh where the library cannot. */
export type ChosenWay = 'library' | 'system' | undefined;

/** Facts of this computer that are not in the settings. */
export interface Seen {
  /** Whether known_hosts has a certificate authority for the host. */
  readonly authority: boolean;
  /** Whether there is a Kerberos ticket. */
  readonly ticket: boolean;
  readonly exists: (path: string) => boolean;
  /** Type of a key file, read from its public half; undefined when it is unknown. */
  readonly keyType: (path: string) => string | undefined;
  /** Whether a file exists, but the library cannot read the key in it. */
  readonly isUnreadable: (path: string) => boolean;
}

/**
 * Reasons why the library cannot do what the configuration asks for of one host, the target or a jump, so that the system's ssh has
 * to; none when it can.
 *
 * The library comes first. Its questions (passwords, passphrases, an unknown host) are asked where the person is, in the editor as
 * in a terminal; each secret is in one process only; it works on Windows, where OpenSSH cannot share a connection; and what it does
 * is the same everywhere. The system's ssh does only what the library cannot.
 */
export function reasonsForSystemSsh(settings: SshSettings, seen: Seen): Phrase[] {
  const set = (keyword: string, ...usual: string[]) => {
    const value = settings.all.get(keyword)?.toLowerCase();
    return value !== undefined && value !== '' && !['none', 'no', 'false', 'any', ...usual].includes(value);
  };
  const keys = settings.identityFiles.filter((path) => seen.exists(path) || seen.exists(`${path}.pub`));
  const [unreadable] = keys.filter(seen.isUnreadable);
  const paths = [...settings.identityFiles, ...settings.userKnownHostsFiles, ...settings.globalKnownHostsFiles];
  const [unexpanded] = [...paths, settings.agent ?? ''].filter(isUnexpanded);
  return [
    ...(keys.some((path) => seen.keyType(path)?.startsWith('sk-')) ? [phrase('a security key (FIDO)')] : []),
    ...(settings.certificateFiles.length > 0 || keys.some((path) => seen.exists(`${path}-cert.pub`))
      ? [phrase('a certificate for logging in')]
      : []),
    ...(unreadable === undefined ? [] : [phrase('the form of the key {0}', unreadable)]),
    ...(unexpanded === undefined ? [] : [phrase('the path {0}', unexpanded)]),
    ...(seen.authority ? [phrase('a certificate authority in known_hosts')] : []),
    ...(set('gssapiauthentication') && seen.ticket ? [phrase('GSSAPI (Kerberos)')] : []),
    ...(set('hostbasedauthentication') ? [phrase('host-based authentication')] : []),
    ...(set('pkcs11provider') ? [phrase('a PKCS#11 token')] : []),
    ...(set('knownhostscommand') ? [phrase('KnownHostsCommand')] : []),
    ...(set('revokedhostkeys') ? [phrase('RevokedHostKeys')] : []),
    ...(set('verifyhostkeydns') ? [phrase('VerifyHostKeyDNS')] : []),
    ...(set('proxyusefdpass') ? [phrase('ProxyUseFdpass')] : []),
    ...(set('bindaddress') || set('bindinterface') ? [phrase('a local address to connect from')] : []),
    ...(set('addressfamily') ? [phrase('an address family')] : []),
  ];
}
