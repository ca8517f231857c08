import { isIPv4, parseAddress } from '../../base/addresses.ts';
import { counted } from '../../base/notes.ts';
import { type Phrase, phrase } from '../../base/phrase.ts';
import { DIGEST_NAMES, MODES } from '../../fwknop/algorithms.ts';
import { parseKeyFile } from '../../fwknop/key-file.ts';
import { ACCESS_KEYS, accessOf } from './rc-access.ts';
import { RC_GPG_KEYS, type RcGpg, rcGpgOf } from './rc-gpg.ts';

/** Stanza of .fwknoprc, as far as it could be carried over. */
export interface ImportedStanza {
  readonly name: string;
  /** Fields of a table in the hosts file, without `keyFile`. */
  readonly fields: Readonly<Record<string, string | number | readonly string[]>>;
  /** Text for the key file; undefined when the stanza has no usable keys, or asks for something that no host here can ask for. */
  readonly keys: string | undefined;
  /** Keys of GnuPG's mode instead; undefined in another mode. */
  readonly gpg: RcGpg | undefined;
  /** Notes on parts that could not be carried over, a line each, without secrets. */
  readonly notes: readonly Phrase[];
}

/** Name of the stanza with the defaults of all others. */
export const DEFAULT_STANZA = 'default';

/** A line of a stanza. */
interface Entry {
  readonly value: string;
  /** Whether more words follow the value, outside a comment. */
  readonly isCut: boolean;
}

type Values = ReadonlyMap<string, string>;
type Take = (key: string, use: (value: string) => Fields | undefined) => void;
type Fields = Readonly<Record<string, string | number | readonly string[]>>;

const KEYS = ['KEY', 'KEY_BASE64', 'HMAC_KEY', 'HMAC_KEY_BASE64'];
/** Keys about how fwknop runs, which do not change what it sends. */
const NOT_NEEDED = ['VERBOSE', 'NO_SAVE_ARGS', 'USE_HMAC'];

/**
 * Reads the stanzas of a .fwknoprc (fwknop(8), "FWKNOPRC FILE"): `[name]` and lines `KEY value`. `[default]` has the defaults of
 * all others. It is a stanza of its own if it names a server, or if there is no other.
 */
export function importFwknopRc(text: string): ImportedStanza[] {
  const stanzas = new Map<string, Map<string, Entry>>();
  let current = new Map<string, Entry>();
  for (const line of text.split(/\r?\n/)) {
    if (/^[#;]/.test(line)) continue;
    const header = /^\s*\[([^\]]+)\]/.exec(line)?.[1];
    // As in fwknop, a value ends at a blank, a `;` or a `#`.
    const [, key, value, rest = ''] = /^\s*([A-Z0-9_]+):?\s+([^\s;#]+)(.*)$/.exec(line) ?? [];
    if (header !== undefined) {
      current = stanzas.get(header.trim()) ?? new Map();
      stanzas.set(header.trim(), current);
    } else if (key !== undefined && value !== undefined)
      current.set(key, { value, isCut: !/^\s*(?:$|[;#])/.test(rest) });
  }
  const shared = stanzas.get(DEFAULT_STANZA) ?? new Map<string, Entry>();
  const named = [...stanzas].filter(
    ([name]) => name !== DEFAULT_STANZA || shared.has('SPA_SERVER') || stanzas.size === 1,
  );
  return named.map(([name, values]) => imported(name, new Map([...shared, ...values])));
}

function imported(name: string, entries: ReadonlyMap<string, Entry>): ImportedStanza {
  const values: Values = new Map([...entries].map(([key, { value }]) => [key, value]));
  const gpg = rcGpgOf(values);
  const known = new Set([...KEYS, ...NOT_NEEDED, ...ACCESS_KEYS, ...(gpg === undefined ? [] : RC_GPG_KEYS)]);
  const notes: Phrase[] = [];
  for (const [key, { isCut }] of entries)
    if (isCut) notes.push(phrase('{0} has words after its value, which fwknop does not read either', key));
  let fields: Fields = {};
  const take: Take = (key, use) => {
    known.add(key);
    const value = values.get(key);
    if (value === undefined) return;
    const more = use(value);
    if (more === undefined) notes.push(phrase('{0} {1} has no counterpart here', key, value));
    else fields = { ...fields, ...more };
  };
  takeFields(take);
  const access = accessOf(values);
  if ('why' in access) notes.push(access.why);
  else fields = { ...fields, ...access.fields };
  for (const key of values.keys()) if (!known.has(key)) notes.push(phrase('{0} has no counterpart here', key));
  if (fields.address === undefined) notes.push(phrase('SPA_SERVER is missing: the stanza does not say where to knock'));
  // A host that asks for something else would not match this stanza.
  if ('why' in access) return { name, fields, keys: undefined, gpg: undefined, notes: counted(notes) };
  if (gpg !== undefined) {
    const { mode: _, ...others } = fields;
    const hmac = gpg.hmacKeys === undefined ? { hmac: 'none' } : {};
    return { name, fields: { ...others, ...hmac }, keys: undefined, gpg, notes: counted(notes) };
  }
  const keys = KEYS.flatMap((key) => (values.has(key) ? [`${key} ${values.get(key)}`] : [])).join('\n');
  const secrets = parseKeyFile(keys);
  if (secrets === undefined)
    notes.push(phrase('there are no keys that can be used: fwknop may ask for them, or use GnuPG'));
  if (secrets !== undefined && secrets.hmacKey === undefined) fields = { ...fields, hmac: 'none' };
  return { name, fields, keys: secrets && `${keys}\n`, gpg, notes: counted(notes) };
}

function takeFields(take: Take): void {
  take('SPA_SERVER', (address) => ({ address }));
  take('SPA_SERVER_PROTO', (carrier) =>
    /^(udp|tcp|http|icmp|tcpraw|udpraw)$/i.test(carrier) ? { carrier: carrier.toLowerCase() } : undefined,
  );
  take('SPA_SERVER_PORT', (port) => (/^[1-9][0-9]{0,4}$/.test(port) ? { knockPort: Number(port) } : undefined));
  take('ENCRYPTION_MODE', (mode) => oneOf('mode', MODES, mode));
  take('DIGEST_TYPE', (digest) => oneOf('digest', DIGEST_NAMES, digest));
  take('HMAC_DIGEST_TYPE', (digest) => oneOf('hmac', DIGEST_NAMES, digest));
  // With 0, the server decides.
  take('FW_TIMEOUT', (seconds) => {
    if (seconds === '0') return {};
    return /^[1-9][0-9]{0,4}$/.test(seconds) ? { duration: Number(seconds) } : undefined;
  });
  take('SPOOF_USER', (user) => ({ user }));
  take('ALLOW_IP', sourceOf);
}

/** Source of packets. `source` leaves it to the server; `resolve` asks a web page, which becomes our own address here. */
function sourceOf(value: string): Fields | undefined {
  if (value.toLowerCase() === 'source' || value === '0.0.0.0') return { source: 'seen' };
  const address = parseAddress(value);
  return address !== undefined && isIPv4(address) ? { source: value } : undefined;
}

function oneOf(field: string, names: readonly string[], value: string): Fields | undefined {
  const name = value.toLowerCase();
  return names.includes(name) ? { [field]: name } : undefined;
}
