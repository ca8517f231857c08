/** A key as gpg lists it. */
export interface GpgListing {
  /** Fingerprint of the primary key: 40 or 64 hexadecimal digits, in capitals. */
  readonly fingerprint: string;
  /** User ID as gpg prints it, usually a name and an address; empty when there is none. */
  readonly user: string;
  /**
   * Letters of what the key can do; capitals are for the key with its subkeys. `D`: disabled. Empty when it has expired or
   * is revoked.
   */
  readonly capabilities: string;
  /** Serial number of the card that holds the private half; `+` or empty when no card does. */
  readonly token: string;
}

/**
 * Reads what `gpg --with-colons --list-keys`, `--list-secret-keys` and `--show-keys` print (GnuPG's doc/DETAILS, "Format of the
 * colon listings"). Keys without a fingerprint are left out.
 */
export function parseGpgListing(listing: string): GpgListing[] {
  const keys: { fingerprint: string; user: string; readonly capabilities: string; readonly token: string }[] = [];
  for (const line of listing.split(/\r?\n/)) {
    const fields = line.split(':');
    const [type = '', , , , , , , , , ninth = ''] = fields;
    const current = keys.at(-1);
    if (type === 'pub' || type === 'sec')
      keys.push({ fingerprint: '', user: '', capabilities: fields[11] ?? '', token: fields[14] ?? '' });
    else if (current !== undefined && type === 'fpr') current.fingerprint ||= ninth;
    else if (current !== undefined && type === 'uid') current.user ||= unescaped(ninth);
  }
  return keys.filter(({ fingerprint }) => /^([0-9A-F]{40}|[0-9A-F]{64})$/.test(fingerprint));
}

/** Decodes escapes such as `\x3a`, which gpg writes for colons and control characters. */
function unescaped(text: string): string {
  return text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
