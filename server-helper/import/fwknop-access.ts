import { formatAddress, isIPv4, isUnicast, parseAddress } from '../../src/base/addresses.ts';
import { utf8 } from '../../src/base/bytes.ts';
import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import type { RequestedPort } from '../../src/base/ports.ts';
import { formatPort, parsePort } from '../../src/base/ports.ts';
import { Problem } from '../../src/base/problem.ts';
import { DIGEST_NAMES, type Digest, MODES } from '../../src/fwknop/algorithms.ts';
import { parseKeyFile } from '../../src/fwknop/key-file.ts';
import { type AccessGpg, GPG_DIRECTIVES, readAccessGpg } from './fwknop-gpg.ts';
import { type Directive, directivesOf, NOT_UNDERSTOOD, numberOf, numberWithin } from './fwknop-lines.ts';
import { isWholeSource, sourcesOf } from './fwknop-sources.ts';

/** Stanza of access.conf, as far as it has a counterpart. It has keys for Rijndael, for GnuPG, or for both. */
export interface AccessStanza {
  readonly line: number;
  readonly rijndael: AccessRijndael | undefined;
  readonly gpg: AccessGpg | undefined;
  /** Digest of the HMAC in GnuPG's mode. */
  readonly digest: Digest;
  /** Ports that it opens; undefined: all that the gate hides. */
  readonly open: readonly RequestedPort[] | undefined;
  readonly restricted: readonly RequestedPort[];
  /** Seconds. */
  readonly grant: number;
  readonly longestGrant: number;
  /** Lines of a `[[forward]]` for the targets of its ports; undefined: the ports are this host's own. */
  readonly leadsTo: readonly string[] | undefined;
  /** Lines of its `[[fwknop]]` that depend on nothing but the stanza. */
  readonly fields: readonly string[];
}

/** Directives of a stanza for Rijndael. */
interface AccessRijndael {
  /** Lines of a key file: `KEY_BASE64: …`. */
  readonly keys: string;
  readonly fields: readonly string[];
}

/** Defaults of fwknopd, in seconds. */
const USUAL = { grant: 30, longestGrant: 300 } as const;
const LONGEST_GRANT = 65_535;
/** Longest timeout: fwknopd refuses a file with a longer one. */
const LONGEST_TIMEOUT = 8_388_608;
/** Date of ACCESS_EXPIRE. */
const DAY = /^([0-9]{1,2})\/([0-9]{1,2})\/([0-9]{1,4})/;

/** Directives that are carried over, and those that have no counterpart, with the reason. */
const CARRIED = new Set([
  ...`SOURCE OPEN_PORTS RESTRICT_PORTS KEY KEY_BASE64 HMAC_KEY HMAC_KEY_BASE64 HMAC_DIGEST_TYPE ENCRYPTION_MODE REQUIRE_USERNAME
  REQUIRE_SOURCE_ADDRESS REQUIRE_SOURCE FW_ACCESS_TIMEOUT MAX_FW_TIMEOUT ACCESS_EXPIRE ACCESS_EXPIRE_EPOCH DESTINATION
  CMD_CYCLE_OPEN FORCE_NAT FORCE_MASQUERADE FORWARD_ALL DISABLE_DNAT`.split(/\s+/),
  ...GPG_DIRECTIVES,
]);
/** Name of a line that could not be read. */
const UNREADABLE = '';
const REASONS: readonly [names: RegExp, reason: string][] = [
  [/^GPG_EXE$/, 'the gpg of this system exports the keys'],
  [
    /^(ENABLE_CMD_EXEC|ENABLE_CMD_SUDO_EXEC|CMD_(SUDO_)?EXEC_(USER|GROUP)|CMD_CYCLE_(CLOSE|TIMER))$/,
    'write an [[action]] for each command',
  ],
  [/^FORCE_SNAT$/, 'a gate puts in only its own address; see masquerade of a [[forward]]'],
  [/^%include(_folder|_keys)?$/, 'the other file is not read; import it too'],
];

/** Reads an access.conf. A stanza that would let in more than fwknopd did is left out, or gets `enabled = false`. */
export function readAccess(text: string, note: Note): AccessStanza[] {
  const stanzas: Directive[][] = [];
  for (const directive of directivesOf(text, note)) {
    const { name, line } = directive;
    if (directive.value === '') {
      // The line may have been meant as a limit.
      stanzas.at(-1)?.push({ ...directive, name: UNREADABLE });
      continue;
    }
    if (name === 'SOURCE') stanzas.push([]);
    if (!CARRIED.has(name)) {
      const reason = REASONS.find(([names]) => names.test(name))?.[1];
      note(line, reason === undefined ? NOT_UNDERSTOOD : phrase('{0} is left out: {1}', name, reason));
      stanzas.at(-1)?.push(directive);
    } else if (stanzas.length === 0) note(line, phrase('{0} comes before the first SOURCE, and is left out', name));
    else stanzas.at(-1)?.push(directive);
  }
  return stanzas.flatMap((directives) => stanzaOf(directives, note));
}

function stanzaOf(directives: readonly Directive[], note: Note): AccessStanza[] {
  // As in fwknopd, the last of two equal directives counts.
  const by = new Map(directives.map((directive) => [directive.name, directive]));
  const line = directives[0]?.line ?? 0;
  const notCarriedOver = (at: number, why: string): [] => {
    note(at, phrase('{0}; the stanza of line {1} is left out', why, line));
    return [];
  };
  // Otherwise the stanza would get ports instead of its command.
  const command = by.get('CMD_CYCLE_OPEN');
  if (command !== undefined)
    return notCarriedOver(command.line, 'CMD_CYCLE_OPEN runs a command instead of opening ports: write an [[action]]');
  // With either, fwknopd opens the way to other hosts, and none to this one.
  const elsewhere = [by.get('FORWARD_ALL'), by.get('DISABLE_DNAT')].find((each) => saysYes(each));
  if (elsewhere !== undefined)
    return notCarriedOver(
      elsewhere.line,
      `${elsewhere.name} opens what leads to other hosts: write a [[forward]] for each`,
    );
  const nat = by.get('FORCE_NAT');
  const leadsTo = nat === undefined ? undefined : targetOf(nat.value, by.get('FORCE_MASQUERADE')?.value);
  if (nat !== undefined && leadsTo === undefined)
    return notCarriedOver(nat.line, 'FORCE_NAT is not an address and a port');
  const sources = sourcesOf(by.get('SOURCE'), note);
  if (sources === undefined) return notCarriedOver(line, 'SOURCE has no network that a gate can take');
  const type = by.get('HMAC_DIGEST_TYPE');
  const hmac = lastOf(directives, 'HMAC_KEY');
  const wanted = type?.value.toLowerCase() ?? 'sha256';
  const digest = DIGEST_NAMES.find((each) => each === wanted);
  if (digest === undefined)
    return notCarriedOver(type?.line ?? line, 'HMAC_DIGEST_TYPE is not a digest that fwknop has');
  if (hmac === undefined && type !== undefined)
    note(type.line, phrase('HMAC_DIGEST_TYPE has no effect without an HMAC key'));
  const rijndael = rijndaelOf(directives, hmac === undefined ? 'none' : digest, note);
  const gpg = readAccessGpg(by, hmac && `${lineOf('HMAC_KEY', hmac)}\n`, note);
  if (rijndael === undefined && gpg === undefined) return notCarriedOver(line, 'it has no keys that can be used');
  const opened = by.get('OPEN_PORTS');
  const open = opened && portsOf(opened);
  if (opened !== undefined && open?.ports.length === 0) return notCarriedOver(opened.line, 'OPEN_PORTS names no port');
  if (opened !== undefined && open?.isWhole === false)
    note(opened.line, phrase('OPEN_PORTS has something that is not a port such as tcp/22, hence enabled = false'));
  const restricted = by.get('RESTRICT_PORTS');
  const { grant, longestGrant } = timesOf(by, note);
  return [
    {
      line,
      rijndael,
      gpg,
      digest,
      open: open?.ports,
      restricted: restricted === undefined ? [] : portsOf(restricted).ports,
      grant,
      longestGrant,
      leadsTo,
      fields: [
        ...(sources.length > 0 ? [`sources = ${JSON.stringify(sources)}`] : []),
        ...anySource(by, line, note),
        ...limits(directives, by, note),
      ],
    },
  ];
}

/**
 * Seconds of a grant. A client that asks for no time gets FW_ACCESS_TIMEOUT, even if that is more than MAX_FW_TIMEOUT, which limits
 * only clients that ask. 0 is its default.
 */
function timesOf(by: ReadonlyMap<string, Directive>, note: Note): Pick<AccessStanza, 'grant' | 'longestGrant'> {
  const secondsOf = (name: string, usual: number): number => {
    const directive = by.get(name);
    if (directive === undefined) return usual;
    if (numberOf(directive) !== 0) return numberWithin(directive, 1, LONGEST_GRANT, note);
    note(directive.line, phrase('{0} {1} is the default of fwknopd, {2}', name, 0, usual));
    return usual;
  };
  const grant = secondsOf('FW_ACCESS_TIMEOUT', USUAL.grant);
  const longestGrant = secondsOf('MAX_FW_TIMEOUT', USUAL.longestGrant);
  return { grant, longestGrant };
}

/** Reads `ADDRESS PORT`, and ignores what follows. */
function targetOf(text: string, masquerade: string | undefined): string[] | undefined {
  const [address = '', port = ''] = text.split(/\s+/);
  const parsed = parseAddress(address);
  const isPort = /^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65_535;
  if (parsed === undefined || !isIPv4(parsed) || !isUnicast(parsed) || !isPort) return undefined;
  const hides = masquerade?.toUpperCase().startsWith('Y');
  return [`to = "${formatAddress(parsed)}"`, `to_port = ${port}`, ...(hides ? ['masquerade = true'] : [])];
}

/**
 * Reads a list of ports; numbers are read as in C.
 * @returns `isWhole`: whether everything in the list is a port
 */
function portsOf({ value }: Directive): { readonly ports: readonly RequestedPort[]; readonly isWhole: boolean } {
  const ports = new Map<string, RequestedPort>();
  let isWhole = true;
  for (const text of value.split(',')) {
    // What follows the digits, such as a comment, is ignored.
    const [, protocol = '', digits = ''] = /^\s*([a-z]+)\/\s*0*([0-9]+)/i.exec(text) ?? [];
    try {
      const port = parsePort(`${protocol.toLowerCase()}/${digits}`);
      ports.set(formatPort(port), port);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      isWhole = false;
    }
  }
  return { ports: [...ports.values()], isWhole };
}

/** Keys for Rijndael. Undefined when there are none, or none that can be used, which is noted. */
function rijndaelOf(directives: readonly Directive[], hmac: Digest | 'none', note: Note): AccessRijndael | undefined {
  const [key, hmacKey] = [lastOf(directives, 'KEY'), lastOf(directives, 'HMAC_KEY')];
  if (key === undefined) return undefined;
  const keys = [lineOf('KEY', key), ...(hmacKey === undefined ? [] : [lineOf('HMAC_KEY', hmacKey)]), ''].join('\n');
  if (parseKeyFile(keys) === undefined) {
    note(key.line, phrase('its keys for Rijndael cannot be used'));
    return undefined;
  }
  const written = directives.findLast(({ name }) => name === 'ENCRYPTION_MODE');
  const mode = MODES.find((each) => each === (written?.value ?? 'cbc').toLowerCase());
  if (mode === undefined) {
    note(written?.line ?? key.line, phrase('ENCRYPTION_MODE is not a mode of Rijndael'));
    return undefined;
  }
  return { keys, fields: [`mode = "${mode}"`, `hmac = "${hmac}"`] };
}

/** Finds the last of directives that mean the same, under either name. */
function lastOf(directives: readonly Directive[], name: 'KEY' | 'HMAC_KEY'): Directive | undefined {
  return directives.findLast((each) => each.name === name || each.name === `${name}_BASE64`);
}

/** Line of a key file, always in base64: a text may hold blanks. */
function lineOf(kind: string, { name, value, whole }: Directive): string {
  const isText = name === kind && value !== '__CHANGEME__';
  return `${kind}_BASE64: ${isText ? Buffer.from(utf8(whole)).toString('base64') : value}`;
}

function anySource(by: ReadonlyMap<string, Directive>, line: number, note: Note): string[] {
  if (saysYes(lastNamed(by, 'REQUIRE_SOURCE_ADDRESS', 'REQUIRE_SOURCE'))) return [];
  note(
    line,
    phrase(
      'any_source lets in the first who sends a packet made with -s, as fwknopd does: remove it if clients use -a or -R',
    ),
  );
  return ['any_source = true'];
}

/** Carries over the limits of a stanza. A limit that cannot be carried over disables the stanza until somebody has looked. */
function limits(directives: readonly Directive[], by: ReadonlyMap<string, Directive>, note: Note): string[] {
  const fields: string[] = [];
  const disable = (): void => {
    if (!fields.includes('enabled = false')) fields.push('enabled = false');
  };
  const narrower = (directive: Directive, field: string | undefined, why: string): void => {
    if (field !== undefined) fields.push(field);
    else {
      disable();
      note(directive.line, phrase('{0} cannot be carried over, hence enabled = false: {1}', directive.name, why));
    }
  };
  const user = by.get('REQUIRE_USERNAME');
  if (user !== undefined) {
    const isName = /^[ -~]{1,48}$/.test(user.value);
    narrower(user, isName ? `user = ${JSON.stringify(user.value)}` : undefined, 'it is not a name that a client sends');
  }
  const end = lastNamed(by, 'ACCESS_EXPIRE', 'ACCESS_EXPIRE_EPOCH');
  if (end !== undefined) {
    const date = end.name === 'ACCESS_EXPIRE' ? dayOf(end.value) : momentOf(end.value);
    narrower(end, date === undefined ? undefined : `not_after = ${date.toISOString()}`, 'it is not a date');
  }
  const destination = by.get('DESTINATION');
  if (destination !== undefined && destination.value.toUpperCase() !== 'ANY')
    narrower(destination, undefined, 'a grant counts at every address of this host');
  const restricted = by.get('RESTRICT_PORTS');
  if (restricted !== undefined && !portsOf(restricted).isWhole)
    narrower(restricted, undefined, 'it has something that is not a port such as tcp/22');
  // Both are noted where they are read.
  const [source, opened] = [by.get('SOURCE'), by.get('OPEN_PORTS')];
  if (source === undefined || !isWholeSource(source) || (opened !== undefined && !portsOf(opened).isWhole)) disable();
  for (const { line } of refusedBy(directives, by)) {
    disable();
    note(line, phrase('fwknopd refuses this file because of this line, hence enabled = false'));
  }
  return fields;
}

/** Lines of a stanza that keep fwknopd from starting, so that it let nobody in. */
function refusedBy(directives: readonly Directive[], by: ReadonlyMap<string, Directive>): Directive[] {
  const leadsOn = by.has('FORCE_NAT') || saysYes(by.get('FORWARD_ALL'));
  const isRefused = (directive: Directive): boolean => {
    switch (directive.name) {
      case UNREADABLE:
        return true;
      case 'FW_ACCESS_TIMEOUT':
      case 'MAX_FW_TIMEOUT':
        return numberOf(directive) < 0 || numberOf(directive) > LONGEST_TIMEOUT;
      case 'ACCESS_EXPIRE':
        return !DAY.test(directive.value);
      case 'FORCE_SNAT':
        return !leadsOn;
      case 'FORCE_MASQUERADE':
        return !leadsOn && saysYes(directive);
      // A stanza with CMD_CYCLE_OPEN is left out.
      case 'CMD_CYCLE_CLOSE':
        return true;
      default:
        return false;
    }
  };
  return directives.filter(isRefused);
}

/** Reads `MM/DD/YYYY`, or `M/D/YY` of this century, as the first moment of that day by this machine's clock. */
function dayOf(text: string): Date | undefined {
  const [, month, day, written] = (DAY.exec(text) ?? []).map(Number);
  if (month === undefined || day === undefined || written === undefined) return undefined;
  const year = written < 100 ? written + 2000 : written;
  if (year < 1970) return undefined;
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day && date.getTime() > 0 ? date : undefined;
}

/** Finds the last of directives that mean the same under two names. */
function lastNamed(by: ReadonlyMap<string, Directive>, ...names: readonly string[]): Directive | undefined {
  const found = names.flatMap((name) => by.get(name) ?? []);
  return found.sort((a, b) => a.line - b.line).at(-1);
}

/** Decides by the first letter, as fwknopd does. */
function saysYes(directive: Directive | undefined): boolean {
  return directive?.value.toUpperCase().startsWith('Y') ?? false;
}

/** Reads Unix seconds, up to the year 9999. */
function momentOf(text: string): Date | undefined {
  const seconds = /^[0-9]{1,12}$/.test(text) ? Number(text) : 0;
  return seconds > 0 && seconds < 253_402_300_800 ? new Date(seconds * 1000) : undefined;
}
