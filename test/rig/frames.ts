/** Hand-made packets, frames and pcap files. */

const UDP = 17;

function u16(value: number, littleEndian = false): Buffer {
  const bytes = Buffer.alloc(2);
  if (littleEndian) bytes.writeUInt16LE(value);
  else bytes.writeUInt16BE(value);
  return bytes;
}

export function udpSegment(payload: Uint8Array, length = payload.length + 8): Buffer {
  return Buffer.concat([u16(40000), u16(443), u16(length), u16(0), payload]);
}

/** An IPv4 packet from 198.51.100.7. */
export function ipv4(
  body: Uint8Array,
  {
    protocol = UDP,
    fragment = 0,
    options = new Uint8Array(0),
  }: { protocol?: number; fragment?: number; options?: Uint8Array } = {},
): Buffer {
  const header = 20 + options.length;
  return Buffer.concat([
    Buffer.of(0x40 | (header / 4), 0),
    u16(header + body.length),
    u16(1),
    u16(fragment),
    Buffer.of(64, protocol, 0, 0),
    Buffer.of(198, 51, 100, 7),
    Buffer.of(192, 0, 2, 1),
    options,
    body,
  ]);
}

/** An IPv6 packet from 2001:db8::7. */
export function ipv6(body: Uint8Array, nextHeader = UDP): Buffer {
  const address = (last: number) =>
    Buffer.from(`20010db80000000000000000000000${last.toString(16).padStart(2, '0')}`, 'hex');
  return Buffer.concat([
    Buffer.of(0x60, 0, 0, 0),
    u16(body.length),
    Buffer.of(nextHeader, 64),
    address(7),
    address(1),
    body,
  ]);
}

/** A frame as NFLOG writes it: a header, then attributes padded to 4 bytes. */
export function nflog(attributes: readonly (readonly [number, Uint8Array])[], littleEndian = true): Buffer {
  const parts = attributes.map(([type, value]) =>
    Buffer.concat([
      u16(value.length + 4, littleEndian),
      u16(type, littleEndian),
      value,
      Buffer.alloc((4 - (value.length % 4)) % 4),
    ]),
  );
  return Buffer.concat([Buffer.of(2, 0, 0, 1), ...parts]);
}

/** A frame with its time in whole seconds and the fraction as the file holds it. */
export interface Recorded {
  readonly seconds: number;
  readonly fraction: number;
  readonly bytes: Uint8Array;
}

export function pcap(
  frames: readonly Recorded[],
  {
    littleEndian = true,
    nanoseconds = false,
    linkType = 101,
  }: { littleEndian?: boolean; nanoseconds?: boolean; linkType?: number } = {},
): Buffer {
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    if (littleEndian) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return bytes;
  };
  const header = [
    u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    u16(2, littleEndian),
    u16(4, littleEndian),
    u32(0),
    u32(0),
    u32(1500),
    u32(linkType),
  ];
  const records = frames.flatMap(({ seconds, fraction, bytes }) => [
    u32(seconds),
    u32(fraction),
    u32(bytes.length),
    u32(bytes.length + 100),
    bytes,
  ]);
  return Buffer.concat([...header, ...records]);
}
