import { utf8 } from '../base/bytes.ts';
import { DIGEST_NAMES, type Digest, digestCharacters } from './algorithms.ts';
import {
  formatNat,
  formatPorts,
  formatSourceWith,
  parseNat,
  parsePorts,
  parseSourceWith,
  Refused,
} from './ask-text.ts';
import { fromBase64, toBase64 } from './base64.ts';
import type { FwknopCrypto } from './crypto.ts';
import { type FwknopAsk, type FwknopMessage, type MessageRefusal, TYPES } from './message.ts';

/*
 * The inside of a packet: fields joined by colons, a digest of them last.
 *
 *   random : user : timestamp : version : type : message [: nat] [: server auth] [: timeout] : digest
 *
 * User, message, nat and server auth are base64. fwknop's reader takes more than its writer makes; this one takes what
 * its writer makes.
 */

/** Characters of base64 that fwknop reads in a field. */
const MOST = { user: 64, message: 256, nat: 256, serverAuth: 256, timestamp: 12, version: 8 } as const;
const LONGEST_TIMEOUT = 65_536;
const NOT_IN_USER = /["/\\[\]:;|=,+*?<>]/;

/**
 * Writes a message.
 * @returns ASCII bytes
 * @throws RangeError when a value does not fit its field, or the reader would refuse it
 */
export function encodePlaintext(crypto: FwknopCrypto, message: FwknopMessage, digest: Digest): Uint8Array {
  const fields = fieldsOf(message);
  const plaintext = utf8(`${fields}:${toBase64(crypto.hash(digest, utf8(fields)))}`);
  const read = decodePlaintext(crypto, plaintext);
  if (!read.ok) throw new RangeError(`fwknop message: ${read.reason}`);
  return plaintext;
}

/**
 * Result of reading. `fields` is the text without the digest: it is the same for the same message, however the packet was
 * encrypted.
 */
export type DecodedPlaintext =
  | { readonly ok: true; readonly message: FwknopMessage; readonly digest: Digest; readonly fields: string }
  | { readonly ok: false; readonly reason: MessageRefusal };

/** Reads a message, exactly, and checks its digest. Never throws on what came from the wire. */
export function decodePlaintext(crypto: FwknopCrypto, bytes: Uint8Array): DecodedPlaintext {
  if (!bytes.every((byte) => byte >= 0x20 && byte <= 0x7e)) return { ok: false, reason: 'not-text' };
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  const end = text.lastIndexOf(':');
  const fields = text.slice(0, Math.max(end, 0));
  const parts = fields.split(':');
  if (parts.length < 6) return { ok: false, reason: 'fields' };
  const digest = findDigest(crypto, fields, text.slice(end + 1));
  if (digest === undefined) return { ok: false, reason: 'digest' };
  try {
    return { ok: true, message: readFields(parts), digest, fields };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reason: error.reason };
    throw error;
  }
}

/**
 * Finds the digest's algorithm, which the packet does not name: by the length, and among those of one length by trying each.
 */
function findDigest(crypto: FwknopCrypto, fields: string, found: string): Digest | undefined {
  return DIGEST_NAMES.find(
    (digest) => digestCharacters(digest) === found.length && toBase64(crypto.hash(digest, utf8(fields))) === found,
  );
}

function fieldsOf({ random, user, timestamp, version, source, ask, serverAuth, timeout }: FwknopMessage): string {
  const type = typeOf(ask)[timeout > 0 ? 'timed' : 'plain'];
  if (type === undefined) throw new RangeError('fwknop message: a command has no timeout');
  const text = formatSourceWith(source, ask.kind === 'command' ? ask.command : formatPorts(ask.ports));
  const fields = [random, base64Of(user), String(timestamp), version, String(type), base64Of(text)];
  if (ask.kind === 'nat') fields.push(base64Of(formatNat(ask.target)));
  if (serverAuth !== undefined) fields.push(base64Of(serverAuth));
  if (timeout > 0) fields.push(String(timeout));
  return fields.join(':');
}

function typeOf(ask: FwknopAsk) {
  if (ask.kind !== 'nat') return TYPES[ask.kind];
  return ask.local ? TYPES.localNat : TYPES.nat;
}

function readFields([
  random = '',
  user,
  time,
  version = '',
  typeDigit,
  text,
  ...rest
]: readonly string[]): FwknopMessage {
  if (!/^[0-9]{16}$/.test(random)) throw new Refused('random');
  const name = readBase64(user, MOST.user, 'user');
  if (NOT_IN_USER.test(name)) throw new Refused('user');
  const timestamp = readWhole(time, MOST.timestamp, 'timestamp');
  if (version.length < 1 || version.length > MOST.version) throw new Refused('version');
  const { kind, timed } = readType(typeDigit);
  const { source, rest: asked } = parseSourceWith(readBase64(text, MOST.message, 'message'));
  const more = [...rest];
  const nat = kind === 'nat' || kind === 'localNat' ? parseNat(readBase64(more.shift(), MOST.nat, 'nat')) : undefined;
  const timeout = timed ? readWhole(more.pop(), 5, 'timeout') : 0;
  if (timed && (timeout < 1 || timeout > LONGEST_TIMEOUT)) throw new Refused('timeout');
  const serverAuth = more.length === 0 ? undefined : readBase64(more.shift(), MOST.serverAuth, 'server-auth');
  if (more.length > 0) throw new Refused('fields');
  return { random, user: name, timestamp, version, source, ask: readAsk(kind, asked, nat), serverAuth, timeout };
}

function readAsk(kind: keyof typeof TYPES, text: string, target: ReturnType<typeof parseNat> | undefined): FwknopAsk {
  if (target !== undefined) return { kind: 'nat', local: kind === 'localNat', ports: parsePorts(text), target };
  if (kind !== 'command') return { kind: 'access', ports: parsePorts(text) };
  if (text === '') throw new Refused('message');
  return { kind, command: text };
}

function readType(digit: string | undefined): { kind: keyof typeof TYPES; timed: boolean } {
  for (const kind of ['command', 'access', 'nat', 'localNat'] as const) {
    const { plain, timed } = TYPES[kind];
    if (digit === String(plain)) return { kind, timed: false };
    if (timed !== undefined && digit === String(timed)) return { kind, timed: true };
  }
  throw new Refused('type');
}

/** Decodes a field of printable ASCII, one character at least. */
function readBase64(text: string | undefined, most: number, reason: MessageRefusal): string {
  const bytes = text === undefined || text.length > most ? undefined : fromBase64(text);
  if (bytes === undefined || bytes.length === 0) throw new Refused(reason);
  if (!bytes.every((byte) => byte >= 0x20 && byte <= 0x7e)) throw new Refused(reason);
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function readWhole(text: string | undefined, digits: number, reason: MessageRefusal): number {
  if (text === undefined || text.length > digits || !/^(0|[1-9][0-9]*)$/.test(text)) throw new Refused(reason);
  return Number(text);
}

function base64Of(text: string): string {
  return toBase64(utf8(text));
}
