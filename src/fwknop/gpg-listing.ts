/** A key as gpg lists it. */
export interface GpgListing {
  /** Of the whole key: 40 or 64 hexadecimal digits, in capitals. */
  readonly fingerprint: string;
  /** User ID, as gpg has it: mostly a name and an address; empty when it has none. */
  readonly user: string;
  /** In capitals those of the key with its subkeys; `D` when it is disabled. It has none when it has expired or is revoked. */
  readonly capabilities: string;
  /** The number of the card that a private half is on; `+` or empty when it is on none. */
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

/** Colons and control characters are written as `\x3a`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
