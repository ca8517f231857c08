import { copyOf, isAllZero, utf8 } from '../base/bytes.ts';
import { PROTOCOL_NUMBER, type Protocol, type RequestedPort } from '../base/ports.ts';

/** What a client asks of a gate: the inside of the SPA message; protocol.md, "Payload". */
export interface AccessRequest {
  /** Unix milliseconds. */
  readonly timestamp: number;
  /** 16 bytes, IPv6 or IPv4-mapped; undefined when the sender does not know its address as the gate sees it. */
  readonly source: Uint8Array | undefined;
  /** Seconds; 0 for the gate's default. */
  readonly duration: number;
  /** Empty: whatever this client is allowed by default. */
  readonly ports: readonly RequestedPort[];
  /** Name of an action configured on the gate; empty for none. */
  readonly action: string;
}

const VERSION = 1;
const FLAG_SOURCE_CLAIMED = 1;
/** Bytes before the ports: version, flags, timestamp, source, duration, count. */
const FIXED_LENGTH = 1 + 1 + 8 + 16 + 2 + 1;
const PORT_LENGTH = 3;

/** Bytes that an access request takes without padding. */
export function payloadLength(request: AccessRequest): number {
  return FIXED_LENGTH + request.ports.length * PORT_LENGTH + 1 + utf8(request.action).length;
}

/**
 * Writes an access request, zero-padded.
 * @param length bytes wanted in all, at least `payloadLength`
 * @throws RangeError when a value does not fit its field, or when the gate would refuse it: a port twice, broken text
 */
export function encodePayload(request: AccessRequest, length: number): Uint8Array {
  const action = utf8(request.action);
  if (length < payloadLength(request)) throw new RangeError('payload: does not fit the length asked for');
  if (request.ports.length > 255) throw new RangeError('payload: more than 255 ports');
  if (action.length > 255) throw new RangeError('payload: action name longer than 255 bytes');
  // A lone surrogate would be sent as U+FFFD, the name of another action.
  if (decodeUtf8(action) !== request.action) throw new RangeError('payload: action name is not well-formed');
  if (!isWholeUpTo(request.duration, 0xffff)) throw new RangeError('payload: duration outside 0..65535 s');
  if (!isWholeUpTo(request.timestamp, Number.MAX_SAFE_INTEGER)) throw new RangeError('payload: bad timestamp');
  if (request.source !== undefined && request.source.length !== 16) throw new RangeError('payload: bad source');
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, request.source === undefined ? 0 : FLAG_SOURCE_CLAIMED);
  view.setBigUint64(2, BigInt(request.timestamp));
  if (request.source !== undefined) bytes.set(request.source, 10);
  view.setUint16(26, request.duration);
  view.setUint8(28, request.ports.length);
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
  return bytes;
}

/**
 * Reads an access request, exactly: known version, flags and protocols, source zero unless claimed, no port zero,
 * no port twice, well-formed UTF-8, padding all zero. Returns undefined for anything else.
 */
export function decodePayload(bytes: Uint8Array): AccessRequest | undefined {
  if (bytes.length < FIXED_LENGTH + 1) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== VERSION) return undefined;
  const flags = view.getUint8(1);
  if ((flags & ~FLAG_SOURCE_CLAIMED) !== 0) return undefined;
  const timestamp = view.getBigUint64(2);
  if (timestamp > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const source = copyOf(bytes, 10, 26);
  const claimed = flags === FLAG_SOURCE_CLAIMED;
  if (!claimed && !isAllZero(source)) return undefined;
  const ports = decodePorts(view, view.getUint8(28));
  if (ports === undefined) return undefined;
  const tail = FIXED_LENGTH + ports.length * PORT_LENGTH;
  const actionEnd = tail + 1 + view.getUint8(tail);
  if (actionEnd > bytes.length || !isAllZero(bytes.subarray(actionEnd))) return undefined;
  const action = decodeUtf8(bytes.subarray(tail + 1, actionEnd));
  if (action === undefined) return undefined;
  return {
    timestamp: Number(timestamp),
    source: claimed ? source : undefined,
    duration: view.getUint16(26),
    ports,
    action,
  };
}

function decodePorts(view: DataView, count: number): RequestedPort[] | undefined {
  // One byte more: the length of the action's name follows the ports.
  if (FIXED_LENGTH + count * PORT_LENGTH + 1 > view.byteLength) return undefined;
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
