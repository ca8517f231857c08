import { parseNetwork } from '../base/addresses.ts';
import { parsePortRange } from '../base/ports.ts';
import { parsePublicKey } from '../spa/keys.ts';
import {
  exactly,
  listOf,
  matching,
  object,
  oneOf,
  type Reader,
  readClosed,
  sortedBy,
  textThat,
  whole,
} from './closed-json.ts';
import { FleetFault } from './fault.ts';
import { parseHours } from './hours.ts';
import { parseSignerKey } from './signer-key.ts';

/*
 * Documents of a fleet. docs/fleet-documents.md has them all, with examples. Times are whole Unix seconds; hashes are SHA-256 of a
 * document's bytes in lower-case hexadecimal; ids are short names that people type.
 */

/** Number of the format: a reader refuses others. */
export const FORMAT = 1;

/** Most bytes of each document. */
export const LIMITS = {
  root: 16_384,
  head: 32_768,
  list: 1_048_576,
  gate: 65_536,
  team: 2_097_152,
  rev: 1024,
  fresh: 16_384,
};

/** Parts of the list of a large fleet. */
export const LIST_PARTS = 256;

/** People who may sign for a purpose, and how many of them must. */
export interface Role {
  readonly threshold: number;
  readonly people: readonly string[];
}

/** Somebody who signs, with the keys as `TYPE BASE64`. */
export interface Signer {
  readonly id: string;
  readonly keys: readonly string[];
}

/** People, their keys and their roles. */
export interface Root {
  readonly format: typeof FORMAT;
  readonly type: 'root';
  /** Hash of root/1; empty in root/1 itself. */
  readonly org: string;
  readonly number: number;
  readonly issued: number;
  readonly expires: number;
  /** Id of the organization, for people. */
  readonly name: string;
  /** People whom one key may revoke before a head folds the revocations. */
  readonly cap: number;
  readonly people: readonly Signer[];
  readonly root: Role;
  readonly policy: Role;
  /** People who may revoke, each alone. */
  readonly revoke: readonly string[];
}

/** Hash and length of a document. */
export interface Pointer {
  readonly hash: string;
  readonly length: number;
}

/** Revocations of a key up to this number are contained in the teams. */
export interface Folded {
  readonly key: string;
  readonly number: number;
}

/** Newest policy. */
export interface Head {
  readonly format: typeof FORMAT;
  readonly type: 'head';
  readonly org: string;
  readonly number: number;
  readonly issued: number;
  readonly expires: number;
  /** Number of the root whose people have signed. */
  readonly root: number;
  /** One list, or its 256 parts. */
  readonly lists: readonly Pointer[];
  /** Hash of the policy that people wrote. */
  readonly policy: string;
  readonly compiler: string;
  readonly folded: readonly Folded[];
}

/** Rights of a team at a gate. */
export interface Rule {
  readonly team: string;
  /** Hidden ports, as in gate.toml; none: all of them. */
  readonly ports: readonly string[];
  /** Networks that the team's devices may come from; none: all. */
  readonly sources: readonly string[];
  /** Such as `mon-fri 08:00-18:00`, in UTC; none: always. */
  readonly hours: readonly string[];
  /** Seconds of the longest grant. */
  readonly longest: number;
}

/** Everything about one gate. */
export interface GateDocument {
  readonly format: typeof FORMAT;
  readonly type: 'gate';
  readonly org: string;
  readonly id: string;
  /** Public key of the gate. */
  readonly key: string;
  /** Makes the hash unguessable. */
  readonly salt: string;
  readonly teams: readonly (Pointer & { readonly id: string })[];
  readonly rules: readonly Rule[];
  /** Devices that always get in, as `person/device`. */
  readonly breakGlass: readonly string[];
  /** Group of gates behind one address; empty: none. */
  readonly group: string;
}

export interface Device {
  /** Public key for knocks. */
  readonly key: string;
  readonly person: string;
  readonly device: string;
  /** End of its rights. */
  readonly until: number;
}

export interface Team {
  readonly format: typeof FORMAT;
  readonly type: 'team';
  readonly org: string;
  readonly id: string;
  readonly salt: string;
  readonly devices: readonly Device[];
}

export const REVOKED = ['person', 'device', 'gate', 'signer'] as const;

/** Somebody or something is out, now. */
export interface Revocation {
  readonly format: typeof FORMAT;
  readonly type: 'rev';
  readonly org: string;
  /** Id of the key that signs. */
  readonly key: string;
  readonly number: number;
  readonly issued: number;
  readonly what: (typeof REVOKED)[number];
  /** Id of a person, gate or signer, or `person/device`. */
  readonly id: string;
}

/** Numbers of the newest head and revocations, as its signer knew them at `issued`. */
export interface Freshness {
  readonly format: typeof FORMAT;
  readonly type: 'fresh';
  readonly org: string;
  readonly issued: number;
  readonly head: number;
  readonly revs: readonly Folded[];
}

const ID = '[a-z0-9][a-z0-9._-]{0,31}';
const WHOLE_ID = new RegExp(`^${ID}$`);
const PRINTABLE = /^[\x20-\x7e]{1,4096}$/;
const HASH = /^[0-9a-f]{64}$/;
export const isId = (text: string): boolean => WHOLE_ID.test(text);
export const isHash = (text: string): boolean => HASH.test(text);

const id = matching(WHOLE_ID, 'an id of small letters, digits and ". _ -", at most 32 characters');
const deviceId = matching(new RegExp(`^${ID}/${ID}$`), 'person/device');
const anyId = matching(new RegExp(`^${ID}(?:/${ID})?$`), 'an id');
const hash = matching(HASH, 'a hash of 64 digits');
const hashOrNone = matching(/^(?:[0-9a-f]{64})?$/, 'a hash of 64 digits, or nothing');
const keyIdText = matching(/^[A-Za-z0-9_-]{43}$/, 'the id of a key, 43 characters');
const salt = matching(/^[A-Za-z0-9_-]{22}$/, 'a salt of 22 characters');
const idOrNone = matching(new RegExp(`^(?:${ID})?$`), 'an id, or nothing');
const signerKey = read((text) => parseSignerKey(text) !== undefined, 'a public key that may sign');
const knockKey = parsed(parsePublicKey, 'a key of 43 characters');
const port = parsed(parsePortRange, 'a port such as tcp/22');
const source = parsed(parseNetwork, 'a network such as 192.0.2.0/24');
const hours = read((text) => parseHours(text) !== undefined, 'hours such as mon-fri 08:00-18:00');
/** Readers of fields that a policy has as well. */
export const FIELDS = { id, deviceId, idOrNone, knockKey, port, source, hours };
/** Seconds until the year 9999. */
const time = whole(0, 253_402_300_799);
const format = exactly<typeof FORMAT>(FORMAT);

const MOST = { people: 64, keys: 4, devices: 20_000, teams: 256, rules: 256, of: 64 };

const people = sortedBy(listOf(id, MOST.people, 1), (each) => each);
const role: Reader<Role> = object<Role>({ threshold: whole(1, MOST.people), people });
const pointer = { hash, length: whole(0) };

/** Without repetitions, sorted by the key: what is folded. */
const folded = sortedBy(listOf(object<Folded>({ key: keyIdText, number: whole(0) }), 256), ({ key }) => key);

const ROOT = object<Root>({
  format,
  type: exactly<'root'>('root'),
  org: hashOrNone,
  number: whole(1),
  issued: time,
  expires: time,
  name: id,
  cap: whole(1, 10_000),
  people: sortedBy(
    listOf(object<Signer>({ id, keys: sortedBy(listOf(signerKey, MOST.keys, 1), (key) => key) }), MOST.people, 1),
    (person) => person.id,
  ),
  root: role,
  policy: role,
  revoke: people,
});

const HEAD = object<Head>({
  format,
  type: exactly<'head'>('head'),
  org: hash,
  number: whole(1),
  issued: time,
  expires: time,
  root: whole(1),
  lists: listOf(object<Pointer>(pointer), LIST_PARTS, 1),
  policy: hash,
  compiler: matching(/^[0-9a-z.]{1,20}$/, 'the name of a compiler'),
  folded,
});

const GATE = object<GateDocument>({
  format,
  type: exactly<'gate'>('gate'),
  org: hash,
  id,
  key: knockKey,
  salt,
  teams: sortedBy(listOf(object<Pointer & { id: string }>({ id, ...pointer }), MOST.teams), (team) => team.id),
  rules: listOf(
    object<Rule>({
      team: id,
      ports: listOf(port, MOST.of),
      sources: listOf(source, MOST.of),
      hours: listOf(hours, MOST.of),
      longest: whole(1, 86_400),
    }),
    MOST.rules,
  ),
  breakGlass: sortedBy(listOf(deviceId, MOST.of), (each) => each),
  group: idOrNone,
});

const TEAM = object<Team>({
  format,
  type: exactly<'team'>('team'),
  org: hash,
  id,
  salt,
  devices: sortedBy(
    listOf(object<Device>({ key: knockKey, person: id, device: id, until: time }), MOST.devices),
    ({ person, device }) => `${person}/${device}`,
  ),
});

const REV = object<Revocation>({
  format,
  type: exactly<'rev'>('rev'),
  org: hash,
  key: keyIdText,
  number: whole(1),
  issued: time,
  what: oneOf(...REVOKED),
  id: anyId,
});

const FRESH = object<Freshness>({
  format,
  type: exactly<'fresh'>('fresh'),
  org: hash,
  issued: time,
  head: whole(1),
  revs: folded,
});

/** Readers of documents; `name` is for errors. They throw FleetFault `document-invalid` or `document-too-long`. */
export const readRoot = (text: string, name = 'root'): Root => readClosed(text, name, LIMITS.root, ROOT);
export function readHead(text: string, name = 'head'): Head {
  const head = readClosed(text, name, LIMITS.head, HEAD);
  if (head.lists.length !== 1 && head.lists.length !== LIST_PARTS)
    throw new FleetFault('document-invalid', name, `lists: expected 1 or ${LIST_PARTS}`);
  return head;
}
export const readGateDocument = (text: string, name = 'gate'): GateDocument =>
  readClosed(text, name, LIMITS.gate, GATE);
export const readTeam = (text: string, name = 'team'): Team => readClosed(text, name, LIMITS.team, TEAM);
export const readRevocation = (text: string, name = 'rev'): Revocation => readClosed(text, name, LIMITS.rev, REV);
export const readFreshness = (text: string): Freshness => readClosed(text, 'fresh', LIMITS.fresh, FRESH);

function read(isGood: (text: string) => boolean, expected: string): Reader<string> {
  return textThat((text) => PRINTABLE.test(text) && isGood(text), expected);
}

function parsed(parse: (text: string) => unknown, expected: string): Reader<string> {
  return read((text) => {
    try {
      parse(text);
      return true;
    } catch {
      return false;
    }
  }, expected);
}
