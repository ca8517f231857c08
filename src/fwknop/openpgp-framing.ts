import { concat } from '../base/bytes.ts';

/*
 * The packets that an OpenPGP message is made of (RFC 9580, section 4.2): a byte that names the kind, a length in one of
 * several forms, the body. fwknop cuts off the first two characters of the message's base64 without looking, and puts back "hQ":
 * its first packet must have a header of the old form with a length of two bytes.
 */

/** Kinds of packets (RFC 9580, section 5). */
const SESSION_KEY = 1;
const ENCRYPTED = 18;
/** Kind of the packet that GnuPG 2.3 and later write instead of `ENCRYPTED`, for keys that ask for it. */
const ENCRYPTED_OCB = 20;

/** Fewest bytes of the first part of a body in parts. */
const SHORTEST_PART = 512;

/** One packet: its kind, and its body, which lies whole or in parts between the offsets. */
export interface FramedPacket {
  readonly tag: number;
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
}

/** Reads the headers of all packets, exactly. Undefined when a header is malformed, or bytes are missing or left over. */
export function readFraming(message: Uint8Array): FramedPacket[] | undefined {
  const packets: FramedPacket[] = [];
  for (let start = 0; start < message.length; ) {
    const packet = readPacket(message, start);
    if (packet === undefined || packet.end > message.length) return undefined;
    packets.push(packet);
    start = packet.end;
  }
  return packets.length === 0 ? undefined : packets;
}

/**
 * Whether a message has the form that fwknop's clients make: session keys for recipients' keys, then the encrypted data.
 * Nothing else is given to the library, least of all a message that it would try passwords on.
 */
export function isSealedMessage(message: Uint8Array): boolean {
  const tags = readFraming(message)?.map(({ tag }) => tag) ?? [];
  const last = tags.pop();
  return tags.length > 0 && tags.every((tag) => tag === SESSION_KEY) && (last === ENCRYPTED || last === ENCRYPTED_OCB);
}

/**
 * Gives the first packet the header that fwknop expects: the base64 of what is returned begins with "hQ".
 * @throws RangeError when the message has another form, or its first packet has 4,096 bytes or more, which happens with no
 * key
 */
export function withOldHeader(message: Uint8Array): Uint8Array {
  const first = isSealedMessage(message) ? readFraming(message)?.[0] : undefined;
  if (first === undefined) throw new RangeError('no sealed OpenPGP message');
  const length = first.end - first.bodyStart;
  if (length > 0xfff) throw new RangeError('the session key is too long');
  const header = Uint8Array.of(0x80 | (SESSION_KEY << 2) | 1, length >> 8, length & 0xff);
  return concat(header, message.subarray(first.bodyStart));
}

function readPacket(bytes: Uint8Array, start: number): FramedPacket | undefined {
  const header = bytes[start] ?? 0;
  if ((header & 0x80) === 0) return undefined;
  return (header & 0x40) === 0 ? readOld(bytes, start, header) : readNew(bytes, start, header & 0x3f);
}

/**
 * Reads a header of the old form (RFC 9580, section 4.2.2). An indeterminate length is refused: such a packet has no end of
 * its own.
 */
function readOld(bytes: Uint8Array, start: number, header: number): FramedPacket | undefined {
  const size = [1, 2, 4][header & 3];
  if (size === undefined) return undefined;
  const length = readNumber(bytes, start + 1, size);
  const bodyStart = start + 1 + size;
  return length === undefined ? undefined : { tag: (header >> 2) & 0xf, start, bodyStart, end: bodyStart + length };
}

/** Reads a header of the new form (RFC 9580, section 4.2.1). */
function readNew(bytes: Uint8Array, start: number, tag: number): FramedPacket | undefined {
  let at = start + 1;
  let bodyStart: number | undefined;
  for (;;) {
    const length = readNewLength(bytes, at);
    if (length === undefined) return undefined;
    at += length.size;
    const isFirst = bodyStart === undefined;
    bodyStart ??= at;
    at += length.value;
    if (!length.isPart) return { tag, start, bodyStart, end: at };
    // Only encrypted data may come in parts, and the first part must not be tiny.
    if (![ENCRYPTED, ENCRYPTED_OCB].includes(tag) || (isFirst && length.value < SHORTEST_PART)) return undefined;
  }
}

function readNewLength(bytes: Uint8Array, at: number): { value: number; size: number; isPart?: boolean } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 192) return { value: first, size: 1 };
  if (first < 224) {
    const second = bytes[at + 1];
    return second === undefined ? undefined : { value: ((first - 192) << 8) + second + 192, size: 2 };
  }
  if (first < 255) return { value: 2 ** (first & 0x1f), size: 1, isPart: true };
  const value = readNumber(bytes, at + 1, 4);
  return value === undefined ? undefined : { value, size: 5 };
}

/** A big-endian number. */
function readNumber(bytes: Uint8Array, at: number, size: number): number | undefined {
  if (at + size > bytes.length) return undefined;
  return bytes.subarray(at, at + size).reduce((value, byte) => value * 256 + byte, 0);
}
