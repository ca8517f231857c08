const BLOCK = /-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----(.*?)-----END PGP \1 KEY BLOCK-----/s;
/** Characters of a line, as OpenPGP.js writes it; the format allows 76. */
const CHARACTERS_IN_LINE = 60;

/**
 * Restores an ASCII-armoured OpenPGP key (RFC 9580, section 6.2), whatever is around it. An input box removes line breaks, or makes
 * blanks of them: they are put back.
 * @returns undefined when there is none, or something in it is lost
 */
export function unfoldArmour(text: string): string | undefined {
  const [, kind, inside = ''] = BLOCK.exec(text) ?? [];
  if (kind === undefined) return undefined;
  const framed = (body: string) => `-----BEGIN PGP ${kind} KEY BLOCK-----${body}-----END PGP ${kind} KEY BLOCK-----\n`;
  if (inside.includes('\n')) return framed(inside.replaceAll('\r', ''));
  const [, data, checksum = ''] =
    /^([A-Za-z0-9+/]+={0,2}?)(=[A-Za-z0-9+/]{4})?$/.exec(inside.replaceAll(/\s/g, '')) ?? [];
  if (data === undefined || data.length % 4 !== 0) return undefined;
  const lines = data.match(new RegExp(`.{1,${CHARACTERS_IN_LINE}}`, 'g')) ?? [];
  return framed(['', '', ...lines, ...(checksum === '' ? [] : [checksum]), ''].join('\n'));
}
