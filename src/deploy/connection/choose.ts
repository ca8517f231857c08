import type { SshSettings } from './settings.ts';

/** What is seen on this computer that the settings do not tell. */
export interface Seen {
  /** Whether known_hosts has a certificate authority for the host. */
  readonly authority: boolean;
  /** Whether there is a Kerberos ticket. */
  readonly ticket: boolean;
  readonly exists: (path: string) => boolean;
  /** The kind of a key file by its public half; undefined when that is unknown. */
  readonly keyType: (path: string) => string | undefined;
}

/**
 * Why the library cannot do what the configuration asks for of one host, the target or a jump, so that the system's ssh has to; none when it can.
 *
 * The library comes first. Its questions (passwords, passphrases, an unknown host) are asked where the person is, in the
 * editor as in a terminal; each secret is in one process only; it works on Windows, where OpenSSH cannot share a
 * connection; and what it does is the same everywhere. The system's ssh is taken for what only that can do.
 */
export function reasonsForSystemSsh(settings: SshSettings, seen: Seen): string[] {
  const set = (keyword: string, ...usual: string[]) => {
    const value = settings.all.get(keyword)?.toLowerCase();
    return value !== undefined && value !== '' && !['none', 'no', 'false', 'any', ...usual].includes(value);
  };
  const keys = settings.identityFiles.filter((path) => seen.exists(path) || seen.exists(`${path}.pub`));
  return [
    ...(keys.some((path) => seen.keyType(path)?.startsWith('sk-')) ? ['a security key (FIDO)'] : []),
    ...(settings.certificateFiles.length > 0 || keys.some((path) => seen.exists(`${path}-cert.pub`))
      ? ['a certificate for logging in']
      : []),
    ...(seen.authority ? ['a certificate authority in known_hosts'] : []),
    ...(set('gssapiauthentication') && seen.ticket ? ['GSSAPI (Kerberos)'] : []),
    ...(set('hostbasedauthentication') ? ['host-based authentication'] : []),
    ...(set('pkcs11provider') ? ['a PKCS#11 token'] : []),
    ...(set('knownhostscommand') ? ['KnownHostsCommand'] : []),
    ...(set('revokedhostkeys') ? ['RevokedHostKeys'] : []),
    ...(set('verifyhostkeydns') ? ['VerifyHostKeyDNS'] : []),
    ...(set('proxyusefdpass') ? ['ProxyUseFdpass'] : []),
    ...(set('bindaddress') || set('bindinterface') ? ['a local address to connect from'] : []),
    ...(set('addressfamily') ? ['an address family'] : []),
  ];
}
