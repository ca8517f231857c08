import { DIGEST_NAMES, type Digest, MODES } from '../../src/fwknop/algorithms.ts';
import { parseKeyFile } from '../../src/fwknop/key-file.ts';
import {
  formatAddress,
  formatNetwork,
  isIPv4,
  isUnicast,
  parseAddress,
  parseNetwork,
} from '../../src/spa/addresses.ts';
import { utf8 } from '../../src/spa/bytes.ts';
import type { Note } from '../../src/spa/notes.ts';
import type { RequestedPort } from '../../src/spa/payload.ts';
import { formatPort, parsePort } from '../../src/spa/ports.ts';
import { Problem } from '../../src/spa/problem.ts';
import { type AccessGpg, GPG_DIRECTIVES, readAccessGpg } from './fwknop-gpg.ts';
import { type Directive, directivesOf, NOT_UNDERSTOOD, numberWithin } from './fwknop-lines.ts';

/** A stanza of access.conf, read as far as it has a counterpart. It has keys for Rijndael, for GnuPG, or for both. */
export interface AccessStanza {
  readonly line: number;
  readonly rijndael: AccessRijndael | undefined;
  readonly gpg: AccessGpg | undefined;
  /** The HMAC of GnuPG's mode. */
  readonly digest: Digest;
  /** undefined: whatever the gate hides. */
  readonly open: readonly RequestedPort[] | undefined;
  readonly restricted: readonly RequestedPort[];
  /** Seconds. */
  readonly grant: number;
  readonly longestGrant: number;
  /** Lines of a `[[forward]]` that say where its ports lead; undefined: they are this host's own. */
  readonly leadsTo: readonly string[] | undefined;
  /** Lines of its `[[fwknop]]` that need nothing but the stanza. */
  readonly fields: readonly string[];
}

/** What Rijndael takes of a stanza. */
interface AccessRijndael {
  /** Lines of a key file: `KEY_BASE64: …`. */
  readonly keys: string;
  readonly fields: readonly string[];
}

/** fwknopd's own values where its file says nothing, in seconds. */
const USUAL = { grant: 30, longestGrant: 300 } as const;
const LONGEST_GRANT = 65_535;

/** What is read from a stanza, and what has no counterpart, with the reason. */
const CARRIED = new Set([
  ...`SOURCE OPEN_PORTS RESTRICT_PORTS KEY KEY_BASE64 HMAC_KEY HMAC_KEY_BASE64 HMAC_DIGEST_TYPE ENCRYPTION_MODE REQUIRE_USERNAME
  REQUIRE_SOURCE_ADDRESS REQUIRE_SOURCE FW_ACCESS_TIMEOUT MAX_FW_TIMEOUT ACCESS_EXPIRE ACCESS_EXPIRE_EPOCH DESTINATION
  CMD_CYCLE_OPEN FORCE_NAT FORCE_MASQUERADE`.split(/\s+/),
  ...GPG_DIRECTIVES,
]);
const REASONS: readonly [names: RegExp, reason: string][] = [
  [/^GPG_EXE$/, 'the gpg of this system exports the keys'],
  [
    /^(ENABLE_CMD_EXEC|ENABLE_CMD_SUDO_EXEC|CMD_(SUDO_)?EXEC_(USER|GROUP)|CMD_CYCLE_(CLOSE|TIMER))$/,
    'write an [[action]] for each command',
  ],
  [/^FORCE_SNAT$/, 'no address but this host’s own; see masquerade of a [[forward]]'],
  [/^(DISABLE_DNAT|FORWARD_ALL)$/, 'only what a [[forward]] names is led on'],
  [/^%include(_folder|_keys)?$/, 'the other file is not read; import it too'],
];

/** Reads an access.conf. A stanza that would let in more than fwknopd did is left out or comes out with `enabled = false`. */
export function readAccess(text: string, note: Note): AccessStanza[] {
  const stanzas: Directive[][] = [];
  for (const directive of directivesOf(text, note)) {
    const { name, line } = directive;
    if (name === 'SOURCE') stanzas.push([]);
    if (!CARRIED.has(name)) {
      const reason = REASONS.find(([names]) => names.test(name))?.[1];
      note(line, reason === undefined ? NOT_UNDERSTOOD : `${name} is left out: ${reason}`);
    } else if (stanzas.length === 0) note(line, `${name} stands before the first SOURCE, and is left out`);
    else stanzas.at(-1)?.push(directive);
  }
  return stanzas.flatMap((directives) => stanzaOf(directives, note));
}

function stanzaOf(directives: readonly Directive[], note: Note): AccessStanza[] {
  // As fwknopd does: of two alike the last one counts.
  const by = new Map(directives.map((directive) => [directive.name, directive]));
  const line = directives[0]?.line ?? 0;
  const leftOut = (at: number, why: string): [] => {
    note(at, `${why}; the stanza of line ${line} is left out`);
    return [];
  };
  // It would be given ports instead.
  const command = by.get('CMD_CYCLE_OPEN');
  if (command !== undefined)
    return leftOut(command.line, 'CMD_CYCLE_OPEN runs a command instead of opening ports: write an [[action]]');
  const nat = by.get('FORCE_NAT');
  const leadsTo = nat === undefined ? undefined : targetOf(nat.value, by.get('FORCE_MASQUERADE')?.value);
  if (nat !== undefined && leadsTo === undefined) return leftOut(nat.line, 'FORCE_NAT is no address and port');
  const sources = sourcesOf(by.get('SOURCE'), note);
  if (sources === undefined) return leftOut(line, 'SOURCE names nothing that is a network here');
  const type = by.get('HMAC_DIGEST_TYPE');
  const hmac = lastOf(directives, 'HMAC_KEY');
  const wanted = hmac === undefined || type === undefined ? 'sha256' : type.value.toLowerCase();
  const digest = DIGEST_NAMES.find((each) => each === wanted);
  if (digest === undefined) return leftOut(type?.line ?? line, 'HMAC_DIGEST_TYPE is no digest that fwknop has');
  if (hmac === undefined && type !== undefined)
    note(type.line, 'HMAC_DIGEST_TYPE without an HMAC key counts for nothing');
  const rijndael = rijndaelOf(directives, hmac === undefined ? 'none' : digest, note);
  const gpg = readAccessGpg(by, hmac && `${lineOf('HMAC_KEY', hmac)}\n`, note);
  if (rijndael === undefined && gpg === undefined)
    return leftOut(line, 'there is no pair of keys in it that can be used');
  const open = portsOf(by.get('OPEN_PORTS'), note);
  if (open?.length === 0) return leftOut(by.get('OPEN_PORTS')?.line ?? line, 'OPEN_PORTS names no port');
  const restricted = portsOf(by.get('RESTRICT_PORTS'), note) ?? [];
  const timeout = by.get('FW_ACCESS_TIMEOUT');
  const most = by.get('MAX_FW_TIMEOUT');
  const longestGrant = most === undefined ? USUAL.longestGrant : numberWithin(most, 1, LONGEST_GRANT, note);
  return [
    {
      line,
      rijndael,
      gpg,
      digest,
      open,
      restricted,
      grant: Math.min(
        timeout === undefined ? USUAL.grant : numberWithin(timeout, 1, LONGEST_GRANT, note),
        longestGrant,
      ),
      longestGrant,
      leadsTo,
      fields: [
        ...(sources.length > 0 ? [`sources = ${JSON.stringify(sources)}`] : []),
        ...anySource(by, line, note),
        ...limits(by, note),
      ],
    },
  ];
}

/** `ADDRESS PORT` */
function targetOf(text: string, masquerade: string | undefined): string[] | undefined {
  const [address = '', port = '', ...more] = text.split(/[\s,]+/);
  const parsed = parseAddress(address);
  const isPort = /^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65_535;
  if (parsed === undefined || !isIPv4(parsed) || !isUnicast(parsed) || !isPort || more.length > 0) return undefined;
  const hides = masquerade?.toUpperCase() === 'Y';
  return [`to = "${formatAddress(parsed)}"`, `to_port = ${port}`, ...(hides ? ['masquerade = true'] : [])];
}

/** Networks; empty: any. undefined when there is a list with nothing in it that could be read. */
function sourcesOf(source: Directive | undefined, note: Note): readonly string[] | undefined {
  const texts = source?.value.split(/[\s,]+/).filter((text) => text !== '') ?? [];
  if (texts.includes('ANY')) return [];
  const networks = texts.flatMap((text) => {
    try {
      const network = parseNetwork(text);
      if (isIPv4(network.address)) return [formatNetwork(network)];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
    note(source?.line ?? 0, 'SOURCE has a network that is none of IPv4; it is left out');
    return [];
  });
  return networks.length === 0 ? undefined : networks;
}

/** Single ports; what is none is left out, which only narrows in OPEN_PORTS. */
function portsOf(list: Directive | undefined, note: Note): RequestedPort[] | undefined {
  if (list === undefined) return undefined;
  const ports = new Map<string, RequestedPort>();
  for (const text of list.value.split(/[\s,]+/).filter((each) => each !== '')) {
    try {
      const port = parsePort(text.toLowerCase());
      ports.set(formatPort(port), port);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      note(list.line, `${list.name} has a port that is none such as tcp/22; it is left out`);
    }
  }
  return [...ports.values()];
}

/** Undefined when there are no keys for it, or none that can be used, which is noted. */
function rijndaelOf(directives: readonly Directive[], hmac: Digest | 'none', note: Note): AccessRijndael | undefined {
  const [key, hmacKey] = [lastOf(directives, 'KEY'), lastOf(directives, 'HMAC_KEY')];
  if (key === undefined) return undefined;
  const keys = [lineOf('KEY', key), ...(hmacKey === undefined ? [] : [lineOf('HMAC_KEY', hmacKey)]), ''].join('\n');
  if (parseKeyFile(keys) === undefined) {
    note(key.line, 'there is no pair of keys for Rijndael that can be used');
    return undefined;
  }
  const written = directives.findLast(({ name }) => name === 'ENCRYPTION_MODE');
  const mode = MODES.find((each) => each === (written?.value ?? 'cbc').toLowerCase());
  if (mode === undefined) {
    note(written?.line ?? key.line, 'ENCRYPTION_MODE is none of Rijndael');
    return undefined;
  }
  return { keys, fields: [`mode = "${mode}"`, `hmac = "${hmac}"`] };
}

/** Of two alike the last one counts, in whichever way it is written. */
function lastOf(directives: readonly Directive[], name: 'KEY' | 'HMAC_KEY'): Directive | undefined {
  return directives.findLast((each) => each.name === name || each.name === `${name}_BASE64`);
}

/** In base64, whatever is in it: a text may hold blanks. */
function lineOf(kind: string, { name, value }: Directive): string {
  const isText = name === kind && value !== '__CHANGEME__';
  return `${kind}_BASE64: ${isText ? Buffer.from(utf8(value)).toString('base64') : value}`;
}

function anySource(by: ReadonlyMap<string, Directive>, line: number, note: Note): string[] {
  const required = by.get('REQUIRE_SOURCE_ADDRESS') ?? by.get('REQUIRE_SOURCE');
  if (required?.value.toUpperCase().startsWith('Y')) return [];
  note(line, 'any_source lets in who sends a packet of -s first, as fwknopd does: take it out if clients use -a or -R');
  return ['any_source = true'];
}

/** What narrows a stanza further. Where that cannot be carried over, it is not in force before somebody has looked. */
function limits(by: ReadonlyMap<string, Directive>, note: Note): string[] {
  const fields: string[] = [];
  const narrower = (directive: Directive, field: string | undefined, why: string): void => {
    if (field !== undefined) fields.push(field);
    else {
      if (!fields.includes('enabled = false')) fields.push('enabled = false');
      note(directive.line, `${directive.name} cannot be carried over, hence enabled = false: ${why}`);
    }
  };
  const user = by.get('REQUIRE_USERNAME');
  if (user !== undefined) {
    const isName = /^[ -~]{1,48}$/.test(user.value);
    narrower(user, isName ? `user = ${JSON.stringify(user.value)}` : undefined, 'it is no name that a client sends');
  }
  const end = by.get('ACCESS_EXPIRE') ?? by.get('ACCESS_EXPIRE_EPOCH');
  if (end !== undefined) {
    const date = end.name === 'ACCESS_EXPIRE' ? dayOf(end.value) : momentOf(end.value);
    narrower(end, date === undefined ? undefined : `not_after = ${date.toISOString()}`, 'it is no date');
  }
  const destination = by.get('DESTINATION');
  if (destination !== undefined && destination.value !== 'ANY')
    narrower(destination, undefined, 'a grant counts at every address of this host');
  return fields;
}

/** `MM/DD/YYYY`, the first moment of that day by this machine's clock. */
function dayOf(text: string): Date | undefined {
  const [, month, day, year] = (/^([0-9]{2})\/([0-9]{2})\/([0-9]{4})$/.exec(text) ?? []).map(Number);
  if (month === undefined || day === undefined || year === undefined || year < 1970) return undefined;
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day && date.getTime() > 0 ? date : undefined;
}

/** Unix seconds, up to the year 9999. */
function momentOf(text: string): Date | undefined {
  const seconds = /^[0-9]{1,12}$/.test(text) ? Number(text) : 0;
  return seconds > 0 && seconds < 253_402_300_800 ? new Date(seconds * 1000) : undefined;
}
