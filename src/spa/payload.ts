import { copyOf, isAllZero, utf8 } from '../base/bytes.ts';
import { PROTOCOL_NUMBER, type Protocol, type RequestedPort } from '../base/ports.ts';
import { TAG_LENGTH } from './tags.ts';

/** Request of a client to a gate: the inside of the SPA message; protocol.md, "Payload". */
export interface AccessRequest {
  /** Unix milliseconds. */
  readonly timestamp: number;
  /**
   * The claimed address of the sender: 16 bytes, IPv6 or IPv4-mapped. Undefined when the sender does not know which address
   * the gate sees.
   */
  readonly source: Uint8Array | undefined;
  /** The address that the message is sent to, in the same form: a gate elsewhere refuses it. */
  readonly destination: Uint8Array;
  /** Seconds; 0 for the gate's default. */
  readonly duration: number;
  /** Empty: the client's usual ports. */
  readonly ports: readonly RequestedPort[];
  /** Name of an action configured on the gate; empty for none. */
  readonly action: string;
  /** Tags of messages that were sent before this one in the same attempt, 16 bytes each: they are worth nothing from now on. */
  readonly earlier: readonly Uint8Array[];
}

const VERSION = 2;
const FLAG_SOURCE_CLAIMED = 1;
/** Bytes before the ports: version, flags, timestamp, source, destination, duration, count. */
const FIXED_LENGTH = 1 + 1 + 8 + 16 + 16 + 2 + 1;
const PORT_LENGTH = 3;
/** Most earlier tags that a message can name. */
export const MOST_EARLIER = 32;

/** Bytes of the shortest payload: no port, no action, no earlier tag. */
export const LEAST_PAYLOAD = FIXED_LENGTH + 1 + 1;

/** Bytes that an access request takes without padding. */
export function payloadLength(request: AccessRequest): number {
  const { ports, action, earlier } = request;
  return LEAST_PAYLOAD + ports.length * PORT_LENGTH + utf8(action).length + earlier.length * TAG_LENGTH;
}

/**
 * Writes an access request, zero-padded.
 * @param length bytes wanted in all, at least `payloadLength`
 * @throws RangeError when a value does not fit its field, or when the gate would refuse it: a port or a tag twice, broken text
 */
export function encodePayload(request: AccessRequest, length: number): Uint8Array {
  const action = utf8(request.action);
  if (length < payloadLength(request)) throw new RangeError('payload: does not fit the length asked for');
  if (request.ports.length > 255) throw new RangeError('payload: more than 255 ports');
  if (action.length > 255) throw new RangeError('payload: action name longer than 255 bytes');
  // A lone surrogate would be encoded as U+FFFD, which makes it another name.
  if (decodeUtf8(action) !== request.action) throw new RangeError('payload: action name is not well-formed');
  if (!isWholeUpTo(request.duration, 0xffff)) throw new RangeError('payload: duration outside 0..65535 s');
  if (!isWholeUpTo(request.timestamp, Number.MAX_SAFE_INTEGER)) throw new RangeError('payload: bad timestamp');
  if (request.source !== undefined && request.source.length !== 16) throw new RangeError('payload: bad source');
  if (request.destination.length !== 16) throw new RangeError('payload: bad destination');
  assertEarlier(request.earlier);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, request.source === undefined ? 0 : FLAG_SOURCE_CLAIMED);
  view.setBigUint64(2, BigInt(request.timestamp));
  if (request.source !== undefined) bytes.set(request.source, 10);
  bytes.set(request.destination, 26);
  view.setUint16(42, request.duration);
  view.setUint8(44, request.ports.length);
  let offset = FIXED_LENGTH;
  const seen = new Set<string>();
  for (const { protocol, port } of request.ports) {
    if (!isWholeUpTo(port, 0xffff) || port === 0) throw new RangeError('payload: port outside 1..65535');
    if (seen.has(`${protocol}/${port}`)) throw new RangeError(`payload: ${protocol}/${port} twice`);
    seen.add(`${protocol}/${port}`);
    view.setUint8(offset, PROTOCOL_NUMBER[protocol]);
    view.setUint16(offset + 1, port);
    offset += PORT_LENGTH;
  }
  view.setUint8(offset, action.length);
  bytes.set(action, offset + 1);
  offset += 1 + action.length;
  view.setUint8(offset, request.earlier.length);
  for (const [i, tag] of request.earlier.entries()) bytes.set(tag, offset + 1 + i * TAG_LENGTH);
  return bytes;
}

/**
 * Reads an access request, exactly: known version, flags and protocols, source zero unless claimed, no port zero,
 * no port and no tag twice, well-formed UTF-8, padding all zero. Returns undefined for anything else.
 */
export function decodePayload(bytes: Uint8Array): AccessRequest | undefined {
  if (bytes.length < LEAST_PAYLOAD) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== VERSION) return undefined;
  const flags = view.getUint8(1);
  if ((flags & ~FLAG_SOURCE_CLAIMED) !== 0) return undefined;
  const timestamp = view.getBigUint64(2);
  if (timestamp > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const source = copyOf(bytes, 10, 26);
  const claimed = flags === FLAG_SOURCE_CLAIMED;
  if (!claimed && !isAllZero(source)) return undefined;
  const ports = decodePorts(view, view.getUint8(44));
  if (ports === undefined) return undefined;
  const tail = FIXED_LENGTH + ports.length * PORT_LENGTH;
  const actionEnd = tail + 1 + view.getUint8(tail);
  const earlier = decodeEarlier(bytes, actionEnd);
  if (earlier === undefined) return undefined;
  const end = actionEnd + 1 + earlier.length * TAG_LENGTH;
  if (!isAllZero(bytes.subarray(end))) return undefined;
  const action = decodeUtf8(bytes.subarray(tail + 1, actionEnd));
  if (action === undefined) return undefined;
  return {
    timestamp: Number(timestamp),
    source: claimed ? source : undefined,
    destination: copyOf(bytes, 26, 42),
    duration: view.getUint16(42),
    ports,
    action,
    earlier,
  };
}

function decodePorts(view: DataView, count: number): RequestedPort[] | undefined {
  // The length of the action's name and the count of earlier tags follow the ports.
  if (LEAST_PAYLOAD + count * PORT_LENGTH > view.byteLength) return undefined;
  const ports: RequestedPort[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const offset = FIXED_LENGTH + i * PORT_LENGTH;
    const protocol = protocolOfNumber(view.getUint8(offset));
    const port = view.getUint16(offset + 1);
    if (protocol === undefined || port === 0 || seen.has(`${protocol}/${port}`)) return undefined;
    seen.add(`${protocol}/${port}`);
    ports.push({ protocol, port });
  }
  return ports;
}

function decodeEarlier(bytes: Uint8Array, at: number): Uint8Array[] | undefined {
  const count = bytes[at];
  if (count === undefined || count > MOST_EARLIER || at + 1 + count * TAG_LENGTH > bytes.length) return undefined;
  const first = at + 1;
  const tags = Array.from({ length: count }, (_, i) =>
    copyOf(bytes, first + i * TAG_LENGTH, first + (i + 1) * TAG_LENGTH),
  );
  return areDistinct(tags) ? tags : undefined;
}

function assertEarlier(tags: readonly Uint8Array[]): void {
  if (tags.length > MOST_EARLIER) throw new RangeError(`payload: more than ${MOST_EARLIER} earlier tags`);
  if (tags.some((tag) => tag.length !== TAG_LENGTH)) throw new RangeError('payload: bad earlier tag');
  if (!areDistinct(tags)) throw new RangeError('payload: an earlier tag twice');
}

function areDistinct(tags: readonly Uint8Array[]): boolean {
  return new Set(tags.map((tag) => tag.join())).size === tags.length;
}

function protocolOfNumber(number: number): Protocol | undefined {
  if (number === PROTOCOL_NUMBER.tcp) return 'tcp';
  if (number === PROTOCOL_NUMBER.udp) return 'udp';
  return undefined;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isWholeUpTo(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}
