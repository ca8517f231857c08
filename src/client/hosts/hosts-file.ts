import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify, TomlError } from 'smol-toml';
import { phrase } from '../../base/phrase.ts';
import { replaceFile } from '../../os/atomic-file.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import { formatGateLine, type GateEnrolment } from '../../spa/enrolment.ts';
import type { Host } from '../gate/host.ts';
import { othersThan, refuseKnownKey } from '../gate/known-gates.ts';
import { sshPortOf } from '../gate/target.ts';
import { fileUnusable, hostExists, hostNotEditable, hostNotRemovable, hostsInvalid, hostUnknown } from '../problems.ts';
import { type Fields, gapBehind, withFields, withName, withoutTable, withTable, withTableOf } from './hosts-text.ts';
import { type AnyHost, gatesOf, parseHost } from './kinds.ts';

/*
 * The hosts file of the command line: one table for each host, the fields as in the setting `knockgate.hosts`.
 *
 *   [prod]                                # the alias that ssh knows
 *   gate = "knockgate1 gate KEY 32 gate.example 443,62201 prod"
 *   members = ["knockgate1 gate KEY2 …"]  # the other gates of a group; optional, as are the following
 *   address = "203.0.113.7"
 *   knockPorts = [443]
 *   ports = ["tcp/22"]
 *   sshPort = 2222                        # where sshd listens, when that is not 22
 *   duration = 30
 *   claimSource = false                   # in a network that translates public addresses
 *   pskFile = "psk/prod"                  # relative to this file
 *
 * A table with `kind` is a server of another kind: registry.ts has them all.
 */

/**
 * Reads a hosts file: the hosts of every kind, by name. A missing file has no hosts.
 * @throws Problem `hosts-file-invalid` that names the line or the field; `file-unusable`
 */
export function readHostsFile(path: string): ReadonlyMap<string, AnyHost> {
  return parsed(readText(path), path);
}

/**
 * Reads the gates of a hosts file, by name.
 * @throws Problem, as `readHostsFile`
 */
export function readGates(path: string): ReadonlyMap<string, Host> {
  return gatesByName(readHostsFile(path));
}

function gatesByName(hosts: ReadonlyMap<string, AnyHost>): ReadonlyMap<string, Host> {
  return new Map(gatesOf(hosts.values()).map((host) => [host.name, host]));
}

function parsed(text: string, path: string): Map<string, AnyHost> {
  const tables = Object.entries(parseToml(text, path));
  return new Map(tables.map(([name, table]) => [name, parseHost(name, table, path, 'file')]));
}

/**
 * Adds a gate under a name, as text at the end; the rest stays as it is, with its comments. With `replace`, a host of that name
 * gets the new `gate` line and keeps its other fields. The line that a host has already changes nothing.
 * @param suffix of the temporary file: anything unique
 * @param more new values for these fields; what is undefined stays
 * @throws Problem `host-exists`, `gate-key-known`, `host-not-editable`, `hosts-file-invalid`, `file-unusable`
 */
export function addToHostsFile(
  path: string,
  name: string,
  gate: GateEnrolment,
  replace: boolean,
  suffix: string,
  more: Partial<Pick<Host, 'pskFile' | 'sshPort' | 'members'>> = {},
): 'added' | 'replaced' | 'unchanged' {
  const before = readText(path);
  const all = parsed(before, path);
  const hosts = gatesByName(all);
  const line = formatGateLine(gate);
  const exists = hosts.has(name);
  // For the editor, names that differ only in capitals are one.
  const alike = [...hosts.keys()].find((each) => each !== name && each.toLowerCase() === name.toLowerCase());
  if (alike !== undefined && !exists && !replace) throw hostExists(alike, path, true);
  const present = hosts.get(name);
  if (present !== undefined && !replace && isSameGroup(present, gate, more.members)) return 'unchanged';
  if (all.has(name) && !(exists && replace)) throw hostExists(name, path, exists);
  // A replaced host keeps its address, and its knocks go there.
  refuseKnownKey({ name, gate, address: hosts.get(name)?.address }, othersThan(name, hosts.values()));
  const { pskFile, sshPort, members } = more;
  for (const member of members ?? [])
    refuseKnownKey({ name, gate: member, address: undefined }, othersThan(name, hosts.values()));
  // A default is written only to replace another value.
  const isUsual = sshPort === undefined || sshPort === sshPortOf(hosts.get(name) ?? { ports: [], sshPort: undefined });
  const fields: Fields = {
    gate: line,
    ...(members === undefined ? {} : { members: members.map(formatGateLine) }),
    ...(pskFile === undefined ? {} : { pskFile }),
    ...(isUsual ? {} : { sshPort }),
  };
  const after = exists ? withFields(before, name, fields) : withTable(before, name, fields);
  if (after === undefined || !differsOnlyIn(fields, before, after, path, name)) throw hostNotEditable(name, path, line);
  write(path, after, suffix);
  return exists ? 'replaced' : 'added';
}

/**
 * Removes a host, with the comments below its name; the rest stays as it is.
 * @param suffix of the temporary file: anything unique
 * @throws Problem `host-unknown`, `host-not-editable`, `hosts-file-invalid`, `file-unusable`
 */
export function removeFromHostsFile(path: string, name: string, suffix: string): void {
  const before = readText(path);
  const { [name]: table, ...others } = parseToml(before, path);
  if (table === undefined) throw hostUnknown(name, Object.keys(others), path);
  const after = withoutTable(before, name);
  if (after === undefined || !isDeepStrictEqual(parsedPlain(after), plain(others))) throw hostNotRemovable(name, path);
  write(path, after, suffix);
}

/**
 * Gives a host another name; everything else in the file stays as it is.
 * @param suffix of the temporary file: anything unique
 * @throws Problem `host-unknown`, `host-exists`, `host-not-editable`, `hosts-file-invalid`, `file-unusable`
 */
export function renameInHostsFile(path: string, name: string, to: string, suffix: string): void {
  const before = readText(path);
  const hosts = parseToml(before, path);
  const { [name]: table, ...others } = hosts;
  if (table === undefined) throw hostUnknown(name, Object.keys(hosts), path);
  const alike = Object.keys(others).find((each) => each.toLowerCase() === to.toLowerCase());
  if (alike !== undefined) throw hostExists(alike, path, false);
  const after = withName(before, name, to);
  if (after === undefined || !isDeepStrictEqual(parsedPlain(after), plain({ ...others, [to]: table })))
    throw hostNotRemovable(name, path);
  write(path, after, suffix);
}

/**
 * Undoes a change of one host; changes that others made meanwhile stay.
 * @param before previous text of the file; undefined when there was no file
 * @param suffix of the temporary file: anything unique
 * @throws Problem `host-not-editable`, `hosts-file-invalid`, `file-unusable`
 */
export function restoreHost(path: string, name: string, before: string | undefined, suffix: string): void {
  const now = readText(path);
  const { [name]: table, ...others } = parseToml(now, path);
  const { [name]: previous } = parseToml(before ?? '', path);
  if (table === undefined || isDeepStrictEqual(table, previous)) return;
  const after = previous === undefined ? withoutTable(now, name) : withTableOf(now, name, before ?? '');
  const wanted = previous === undefined ? others : { ...others, [name]: previous };
  if (after === undefined || !isDeepStrictEqual(parsedPlain(after), plain(wanted))) throw hostNotRemovable(name, path);
  // If there was no file before, and nothing is left, the file is removed.
  if (before === undefined && after.trim() === '') rmSync(path, { force: true });
  else write(path, tidied(after, before), suffix);
}

/** Previous text, if it differs only in the empty line behind its last table. */
function tidied(after: string, before: string | undefined): string {
  return before !== undefined && after.trimEnd() === before.trimEnd() ? before : after;
}

/**
 * Adds a host of another kind than a gate, as text at the end.
 * @param fields of its table, but for `kind`
 * @param suffix of the temporary file: anything unique
 * @throws Problem, as `addToHostsFile`
 */
export function addHostOfKind(
  path: string,
  name: string,
  kind: AnyHost['kind'],
  fields: Readonly<Record<string, string | number | readonly string[]>>,
  suffix: string,
): void {
  const before = readText(path);
  if (parsed(before, path).has(name)) throw hostExists(name, path, false);
  parseHost(name, { kind, ...fields }, path, 'file');
  const table = stringify({ [name]: { kind, ...fields } });
  write(path, `${before}${gapBehind(before)}${table.trimEnd()}\n`, suffix);
}

function write(path: string, text: string, suffix: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, text, suffix, true);
  } catch (error) {
    throw fileUnusable(path, reasonOf(error));
  }
}

/** Whether a host has these gates already; without `members`, whichever it has beside the first. */
function isSameGroup(host: Host, gate: GateEnrolment, members: readonly GateEnrolment[] | undefined): boolean {
  const linesOf = (gates: readonly GateEnrolment[]): string => gates.map(formatGateLine).join('\n');
  return linesOf([host.gate, ...(members === undefined ? [] : host.members)]) === linesOf([gate, ...(members ?? [])]);
}

/** Whether an edit of the text changed what it should, and nothing else. */
function differsOnlyIn(fields: Fields, before: string, after: string, path: string, name: string): boolean {
  const wanted = parseToml(before, path);
  const table = wanted[name];
  wanted[name] = { ...(typeof table === 'object' ? table : {}), ...fields };
  return isDeepStrictEqual(parsedPlain(after), plain(wanted));
}

/** Content of a text, if it is TOML. */
function parsedPlain(text: string): unknown {
  try {
    return plain(parse(text));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return undefined;
  }
}

/** Copies values without their prototypes. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function parseToml(text: string, path: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = (error.message.split('\n')[0] ?? '').replace('Invalid TOML document: ', '');
    throw hostsInvalid(
      phrase('{0}, line {1}', path, error.line),
      phrase('It is not TOML: {0}.', reason),
      phrase('Correct that line.'),
    );
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = reasonOf(error);
    if (code === 'ENOENT') return '';
    throw fileUnusable(path, code);
  }
}

function reasonOf(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === undefined) throw error;
  return code;
}
